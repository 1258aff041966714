/** How many processors there are, in Node and in browsers. */
export async function processors(): Promise<number> {
  const known = (globalThis as { readonly navigator?: { readonly hardwareConcurrency?: number } }).navigator
  // Node 20 has no navigator.
  return known?.hardwareConcurrency ?? (await import('./processors.node.ts')).processorsOfNode()
}
