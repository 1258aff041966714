import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const urlOfPath = (path: string): string => pathToFileURL(resolve(path)).href
