/** Elements of a window that code is made for: each has instructions of its own. */
export const maxChannelWindow = 64

/** Elements of images that are worth a thread of their own. */
export const elementsOfWindowTask = 1 << 14
