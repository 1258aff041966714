import { canonicalName } from '../../base/registry.ts'
import type { DataFormat, Padding } from '../../ops/convolution.ts'

/** Where the channels stand; Keras's own spelling is understood too. */
export type DataFormatIdentifier = DataFormat | 'channels_last' | 'channels_first'

const formats: Readonly<Record<DataFormat, true>> = { channelsLast: true, channelsFirst: true }
const paddings: Readonly<Record<Padding, true>> = { valid: true, same: true }

/** @throws UnknownNameError for another name. */
export const getDataFormat = (where: string, name: DataFormatIdentifier): DataFormat =>
  canonicalName(`${where}: dataFormat`, name, formats)

/** @throws UnknownNameError for anything but `'valid'` and `'same'`. */
export const getPadding = (where: string, name: Padding): Padding =>
  canonicalName(`${where}: padding`, name, paddings)

/** Which axis has the channels, counted from the end of the shape or from its front. */
export const channelAxis = (format: DataFormat): number => (format === 'channelsLast' ? -1 : 1)
