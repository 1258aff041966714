/**
 * What `console.log` prints of an object: Node and Bun ask a method of the first name, Deno one of the second. Browsers
 * have no such thing.
 */
export const nodeInspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never
export const denoInspect: unique symbol = Symbol.for('Deno.customInspect') as never
