import { FormatError, type Tensor } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'
import { FeatureTransformer, RealMLP, TabM } from '../networks/index.ts'
import { readPart, readText } from '../saving/saved.ts'

const classes = { TabM, RealMLP, FeatureTransformer } as const

/** The network that a saved class and configuration describe, without weights. @throws FormatError for another. */
export function readTableNetwork(saved: unknown): Layer<readonly Tensor[]> {
  const className = readText(saved, 'className', Object.keys(classes) as (keyof typeof classes)[])
  const config = readPart(saved, 'config')
  try {
    return new classes[className](config as never)
  } catch (cause) {
    throw new FormatError(
      {
        where: 'table model: network',
        expected: `what makes a ${className}`,
        received: (cause as Error).message,
        fix: 'The file is damaged: restore it from a copy, or train the model again.',
      },
      { cause },
    )
  }
}
