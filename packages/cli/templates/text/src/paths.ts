import { fileURLToPath } from 'node:url'

/** A path from the project's folder, wherever the program is started. */
export const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
