/**
 * `page/`: the page of a session: who labels, and a source of samples that asks the session's server. It knows the component and
 * what the two say to each other.
 */
import type { Task } from '../annotations/task.ts'
import type { LabelSource } from '../component/index.ts'
import type { Joined, Saved } from '../server/protocol.ts'

/** Asks the server; an error has the server's own words. */
async function ask<R>(token: string, path: string, body: object): Promise<R> {
  const response = await fetch(`api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error((answer as { readonly error?: string }).error ?? response.statusText)
  return answer as R
}

/** Files that are kept: the one that is shown, and those before it. */
const kept = 8

/** Joins a session under a name, and gives its samples. */
export async function joinSession(token: string, person: string): Promise<LabelSource> {
  const joined = await ask<Joined>(token, 'join', { person })
  const saved = (path: string, body: object): Promise<Saved> => ask(token, path, { person, ...body })
  const files = new Map<number, string>()
  return {
    task: joined.task satisfies Task,
    classes: joined.classes,
    title: joined.title,
    history: joined.history,
    next: () => saved('next', {}),
    look: () => ask(token, 'progress', { person }),
    view: (index) => saved('view', { index }),
    save: (index, value, seconds) => saved('save', { index, value, seconds }),
    skip: (index) => saved('skip', { index }),
    undo: (index) => saved('undo', { index }),
    disputes: {
      next: (from) => saved('disputed', { index: from }),
      decide: (index, value) => saved('decide', { index, value }),
    },
    async file(index) {
      const known = files.get(index)
      if (known !== undefined) return known
      const response = await fetch(`api/file/${index}`, { headers: { authorization: `Bearer ${token}` } })
      if (!response.ok) throw new Error(((await response.json()) as { readonly error: string }).error)
      const address = URL.createObjectURL(await response.blob())
      files.set(index, address)
      const [oldest] = files.keys()
      if (files.size > kept && oldest !== undefined) {
        URL.revokeObjectURL(files.get(oldest) ?? '')
        files.delete(oldest)
      }
      return address
    },
  }
}
