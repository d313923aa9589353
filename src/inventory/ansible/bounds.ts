/** Names that one pattern may stand for. More is a slip of the keyboard, and would only cost memory. */
export const maxNames = 100_000;

/** Levels of groups in groups. People use four. */
export const maxGroupDepth = 100;

/** Memberships of groups in groups, direct and indirect. */
export const maxAncestries = 2_000_000;

/** Levels of lists and mappings in a variable that is shown. */
export const maxValueDepth = 20;
