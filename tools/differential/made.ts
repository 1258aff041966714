import type { Family } from './family.ts'
import type { JsonObject } from './json.ts'
import { Random } from './random.ts'

/** The case of a name and the backend that it runs on: nothing but the name, and which backends there are, decides. */
export function made(
  family: Family,
  name: string,
  installed: readonly string[],
): { readonly spec: JsonObject; readonly backend: string } {
  const random = new Random(name)
  const backends = family.backends.filter((backend) => installed.includes(backend))
  const backend = random.pick(backends.length > 0 ? backends : family.backends)
  return { backend, spec: family.generate(random) }
}
