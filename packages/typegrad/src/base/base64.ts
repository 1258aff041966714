/** Bytes that go into one call, whose arguments are bounded; a multiple of three, so that texts can be joined. */
const chunk = 3 * 4096

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += chunk)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(i, i + chunk))))
  return parts.join('')
}

/** @throws Error for a text that is none. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
