import { availableParallelism } from 'node:os'

export const processorsOfNode = (): number => availableParallelism()
