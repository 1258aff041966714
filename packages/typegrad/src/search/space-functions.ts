/** What a user makes a space of: `space.int`, `space.float`, `space.choice`, `space.boolean`. */
export { boolean, choice, float, int } from './space.ts'
