import { createEngine } from '../engine/select.ts'

/**
 * The engine that each file of tests begins with, whichever the file before it has left. Two files run at a time: an
 * engine whose threads wait by keeping a core busy takes it from the other file (8 % of the time of the layers' tests).
 */
export const testEngine = createEngine({ spinning: false })
