/**
 * Distances in memory that machine code can name: displacements have 31 bits. Rows, planes and images whose bytes are as
 * many or more stay with the runtime's own operators. The tensors as a whole may be larger.
 */
export const reachBytes = 2 ** 31
