// Sorts a table by a column, by numbers where its cells begin with them. Without it the page is whole.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 3) continue;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Sort by this column";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[place].textContent.trim();
      const number = (text) => {
        const found = text.replace("−", "-").match(/^P?([+-]?\d+(\.\d+)?)/);
        return found ? Number(found[1]) : NaN;
      };
      const compare = (a, b) => {
        const [x, y] = [number(key(a)), number(key(b))];
        if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y) || key(a).localeCompare(key(b), "en");
        return down ? y - x : x - y;
      };
      const rows = [...body.rows].sort(compare);
      if (down && rows.every((row) => isNaN(number(key(row))))) rows.reverse();
      body.append(...rows);
    });
  });
}
