import type { Tensor } from '../../tensor/tensor.ts'

/** What a traced function gives back: one tensor or several. */
export type Outputs = Tensor | readonly Tensor[]
