//! Where the gradient of a matrix gathers on its way back through what the matrix was made of.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::number::Number;
use super::product::{View, add_product, write_product};

/// What an operation does with the gradient of its result.
pub(super) type Backward<T> = Box<dyn Fn(&[T])>;

/// Where the gradient of a matrix gathers.
pub(super) struct Node<T> {
    /// Empty until the first part of it comes.
    pub(super) gradient: RefCell<Vec<T>>,
    /// Memory for the next gradient: that of a parameter's last one, whose numbers mean nothing any more.
    pub(super) spare: Cell<Vec<T>>,
    pub(super) parents: Vec<Rc<Node<T>>>,
    /// Hands the gradient on to the parents. A parameter has none.
    pub(super) backward: Option<Backward<T>>,
    pub(super) seen: Cell<bool>,
}

impl<T> Node<T> {
    pub(super) fn new(parents: Vec<Rc<Self>>, backward: Option<Backward<T>>) -> Self {
        let seen = Cell::new(false);
        Self { gradient: RefCell::default(), spare: Cell::default(), parents, backward, seen }
    }

    /// This node and all it was made of, parents before children.
    pub(super) fn ancestors(self: &Rc<Self>, nodes: &mut Vec<Rc<Self>>) {
        if self.seen.replace(true) {
            return;
        }
        for parent in &self.parents {
            parent.ancestors(nodes);
        }
        nodes.push(self.clone());
    }
}

impl<T: Number> Node<T> {
    /// Adds a part to the gradient of so many numbers.
    pub(super) fn receive(&self, len: usize, add: impl FnOnce(&mut [T])) {
        let mut gradient = self.gradient.borrow_mut();
        if gradient.is_empty() {
            gradient.resize(len, T::zero());
        }
        add(&mut gradient);
    }

    /// Adds left · right. The first part is not added to zeros but written.
    pub(super) fn receive_product(&self, len: usize, left: View<'_, T>, right: View<'_, T>) {
        let mut gradient = self.gradient.borrow_mut();
        if gradient.is_empty() {
            *gradient = self.spare.take();
            gradient.resize(len, T::zero());
            write_product(&mut gradient, left, right);
        } else {
            add_product(&mut gradient, left, right);
        }
    }

    /// Adds a part with one number a place. The first part is not added to zeros but taken.
    pub(super) fn receive_each(&self, part: impl ExactSizeIterator<Item = T>) {
        let mut gradient = self.gradient.borrow_mut();
        if gradient.is_empty() {
            gradient.extend(part);
        } else {
            gradient.iter_mut().zip(part).for_each(|(into, part)| *into += part);
        }
    }
}
