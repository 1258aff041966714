import { readFile } from 'node:fs/promises'

export const bytesOfDisk = (path: string): Promise<Uint8Array> => readFile(path)
