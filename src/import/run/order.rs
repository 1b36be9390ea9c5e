//! Parents before children, whatever the order of the file.

/// The indices of `count` things, each after its parent, and with its parent. Where parents lead in a circle, the
/// circle is cut: one thing in it gets no parent.
pub(super) fn parents_first(count: usize, parent_of: impl Fn(usize) -> Option<usize>) -> Vec<(usize, Option<usize>)> {
    #[derive(Clone, Copy, PartialEq)]
    enum VisitState {
        New,
        OnTheWay,
        Placed,
    }
    let mut marks = vec![VisitState::New; count];
    let mut ordered = Vec::with_capacity(count);
    let mut way = Vec::new();
    for start in 0..count {
        let mut next = Some(start);
        let mut above = None;
        while let Some(at) = next {
            match marks.get(at).copied() {
                Some(VisitState::New) => {
                    marks[at] = VisitState::OnTheWay;
                    way.push(at);
                    next = parent_of(at);
                }
                Some(VisitState::Placed) => {
                    above = Some(at);
                    break;
                }
                Some(VisitState::OnTheWay) | None => break,
            }
        }
        while let Some(at) = way.pop() {
            marks[at] = VisitState::Placed;
            ordered.push((at, above));
            above = Some(at);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first_and_circles_are_cut() {
        let parents = [Some(2), None, Some(1), Some(4), Some(3), Some(5)];
        let ordered = parents_first(parents.len(), |at| parents[at]);
        assert_eq!(
            ordered,
            [
                (1, None),
                (2, Some(1)),
                (0, Some(2)),
                (4, None),
                (3, Some(4)),
                (5, None)
            ]
        );
    }
}
