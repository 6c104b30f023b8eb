//! Texts with Markdown's marks, and pictures, as parts of an HTML page.

/// A line of text as HTML: `**bold**`, `` `code` `` and `[text](address)`; all else is escaped.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for (place, part) in text.split('`').enumerate() {
        let is_code = place % 2 == 1 && text.matches('`').count() > place;
        match (is_code, place) {
            (true, _) => html += &format!("<code>{}</code>", escaped(part)),
            (false, 0) => html += &bold_and_links(part),
            // A mark that is not closed stands for itself.
            (false, _) if place % 2 == 1 => html += &format!("`{}", bold_and_links(part)),
            (false, _) => html += &bold_and_links(part),
        }
    }
    html
}

fn bold_and_links(text: &str) -> String {
    let mut html = String::new();
    let pieces: Vec<&str> = text.split("**").collect();
    for (place, piece) in pieces.iter().enumerate() {
        let piece = links(piece);
        let is_odd = place % 2 == 1;
        if is_odd && place + 1 < pieces.len() {
            html += &format!("<b>{piece}</b>");
        } else if is_odd {
            html += &format!("**{piece}");
        } else {
            html += &piece;
        }
    }
    html
}

fn links(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, link, address, after)) = next_link(rest) {
        html += &format!("{}<a href=\"{}\">{}</a>", escaped(before), escaped(address), escaped(link));
        rest = after;
    }
    html + &escaped(rest)
}

/// The text before a link, its text, its address, and what follows.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let start = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    let address = &text[middle + 2..end];
    let is_safe = address.starts_with("https://") || !address.contains(':');
    is_safe.then(|| (&text[..start], &text[start + 1..middle], address, &text[end + 1..]))
}

pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#x27;",
            c => html.push(c),
        }
    }
    html
}

/// An SVG picture inside a page: it scales, takes the page's colours, says in words what it shows, and shares
/// no id with another. `name` is unique on the page.
pub(super) fn picture(svg: &str, name: &str, alternative: &str) -> String {
    let Some((head, body)) = svg.split_once('>') else { return String::new() };
    let attribute = |name: &str| {
        let (_, rest) = head.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    };
    let (width, height) = (attribute("width").unwrap_or("0"), attribute("height").unwrap_or("0"));
    let font = attribute("font-family").unwrap_or("sans-serif");
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{}\" font-family=\"{font}\" fill=\"currentColor\"{}>",
        escaped(alternative),
        INHERITED.concat()
    );
    let comment = body.find("<!--").zip(body.find("-->"));
    let body = comment.map_or(body.to_owned(), |(start, end)| body[..start].to_owned() + &body[end + 3..]);
    let body = body
        .replace("kuva-", &format!("{name}-"))
        .replace("\"white\"", "\"var(--paper)\"")
        .replace("\"#ffffff\"", "\"var(--paper)\"")
        .replace("\"black\"", "\"currentColor\"")
        .replace("\"#000000\"", "\"currentColor\"");
    let body = INHERITED.iter().fold(body, |body, attribute| body.replace(attribute, ""));
    shortened(&(head + &body.replace(" />", "/>")))
}

/// What most texts and lines of a picture say: it is said once, at its head, from where they inherit it.
const INHERITED: [&str; 3] = [" font-size=\"12\"", " text-anchor=\"middle\"", " stroke-width=\"1\""];

/// The picture with places rounded to a tenth of a pixel: `3.14159` becomes `3.1`.
fn shortened(svg: &str) -> String {
    let mut short = String::with_capacity(svg.len());
    let mut inside_tag = false;
    let mut chars = svg.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        inside_tag = (inside_tag || c == '<') && c != '>';
        let before = svg[..start].chars().next_back();
        let starts_number = c.is_ascii_digit()
            && before.is_none_or(|before| {
                !before.is_ascii_alphanumeric() && !"#._".contains(before) || "ML".contains(before)
            });
        if !inside_tag || !starts_number {
            short.push(c);
            continue;
        }
        let mut end = start + 1;
        while let Some(&(place, c)) = chars.peek() {
            if !c.is_ascii_digit() && c != '.' {
                break;
            }
            end = place + 1;
            chars.next();
        }
        let number = &svg[start..end];
        match (number.contains('.'), number.parse::<f64>()) {
            (true, Ok(value)) => short += &((value * 10.0).round() / 10.0).to_string(),
            _ => short += number,
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_tags_and_all_else_is_escaped() {
        assert_eq!(inline("a <b> **x & y** `<c>`"), "a &lt;b&gt; <b>x &amp; y</b> <code>&lt;c&gt;</code>");
        assert_eq!(inline("[t](x.md), [bad](javascript:x)"), "<a href=\"x.md\">t</a>, [bad](javascript:x)");
        assert_eq!(inline("2 ** 3 and ` alone"), "2 ** 3 and ` alone");
    }

    #[test]
    fn a_picture_scales_and_takes_the_colours_of_the_page() {
        let svg = "<svg xmlns=\"x\" width=\"9\" height=\"8\" fill=\"black\"><!-- by kuva 1.2.3 -->\
                   <rect fill=\"white\"/><clipPath id=\"kuva-clip-2\"/><text x=\"71.6512\" y=\"3\" font-size=\"12\" text-anchor=\"end\">0.12345</text></svg>";
        let picture = picture(svg, "f", "a \"plot\"");
        assert!(
            picture.contains("viewBox=\"0 0 9 8\"") && picture.contains("aria-label=\"a &quot;plot&quot;\"")
        );
        assert!(picture.contains("var(--paper)") && picture.contains("id=\"f-clip-2\""));
        assert!(picture.contains("<text x=\"71.7\" y=\"3\" text-anchor=\"end\">0.12345<"), "{picture}");
        assert!(
            picture.contains(" font-size=\"12\" text-anchor=\"middle\" stroke-width=\"1\">"),
            "{picture}"
        );
        assert!(!picture.contains("kuva"), "{picture}");
    }
}
