import { type FileHandle, open } from 'node:fs/promises'
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors as packaged } from 'hyparquet-compressors'
import { FormatError } from 'typegrad/core'
import { featuresOfParquet } from '../features/parquet-features.ts'
import type { DataFile, FileFormat, StoredRow } from './data-file.ts'
import { decompressLz4Block } from './lz4.ts'

/** Parquet, by hyparquet: one group of rows at a time is in memory. */
export const parquet: FileFormat = { name: 'Parquet', open: openParquet }

// The package's own refuses an empty block.
const compressors = { ...packaged, LZ4_RAW: decompressLz4Block }

async function openParquet(path: string): Promise<DataFile> {
  const metadata = await withFile(path, (file) => parquetMetadataAsync(file))
  const features = featuresOfParquet(metadata, path)
  return {
    path,
    features,
    columns: Object.keys(features),
    rows: (columns) => rowsOf(path, metadata, columns),
  }
}

async function* rowsOf(
  path: string,
  metadata: FileMetaData,
  columns: readonly string[] | undefined,
): AsyncGenerator<StoredRow> {
  let start = 0
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows)
    const from = start
    const rows = await withFile(path, (file) =>
      parquetReadObjects({
        file,
        metadata,
        compressors,
        // Only what the file calls text is text.
        utf8: false,
        rowStart: from,
        rowEnd: end,
        ...(columns !== undefined && { columns: [...columns] }),
      }),
    )
    for (const [i, values] of rows.entries()) yield { values, place: `row ${from + i}` }
    start = end
  }
}

/** Reads a part of a file. @throws FormatError for what is no Parquet, or is damaged. */
async function withFile<T>(path: string, read: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    return await read({ byteLength: size, slice: (start, end = size) => slice(handle, start, end) })
  } catch (cause) {
    throw new FormatError(
      { where: path, expected: 'a whole file of Parquet', received: (cause as Error).message },
      { cause },
    )
  } finally {
    await handle.close()
  }
}

async function slice(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(end - start)
  const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start)
  if (bytesRead < end - start) throw new Error(`the file ends at ${start + bytesRead} bytes`)
  return buffer
}
