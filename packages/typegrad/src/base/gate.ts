/** A promise that is fulfilled from outside. */
export interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

/** A gate that is shut. (Node 20 has no `Promise.withResolvers`.) */
export function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
