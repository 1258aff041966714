import { arange, initializers, layers, ops, type Tensor, type Variable } from 'typegrad'
import type { SymbolicShape } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import {
  gridOf,
  type PictureSizes,
  patchProjection,
  pictureSizesOf,
  pixelValues,
  positionsFor,
  tokensOf,
} from '../layers/image-embeddings.ts'
import { embedding, linear } from '../layers/linear.ts'
import { Network, type NetworkContext, type NetworkInput, networkInputs, Part } from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { SelfAttention } from '../layers/projected-attention.ts'
import type { Architecture, CheckpointNames } from './architecture.ts'

/** What both towers have. */
interface TowerConfig {
  readonly width: number
  readonly blocks: number
  readonly heads: number
  readonly inner: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly attentionDropout: number
  readonly stddev: number
  /** What all deviations are multiplied with. */
  readonly factor: number
  /** Size of the space that pictures and texts share. */
  readonly projection: number
}

interface TextConfig extends TowerConfig {
  readonly vocabSize: number
  readonly positions: number
  readonly endOfText: number
}

interface VisionConfig extends TowerConfig, PictureSizes {}

const towerConfigOf = (config: ConfigReader, defaults: { width: number; heads: number }): TowerConfig => ({
  width: config.count('hidden_size', defaults.width),
  blocks: config.count('num_hidden_layers', 12),
  heads: config.count('num_attention_heads', defaults.heads),
  inner: config.count('intermediate_size', 4 * defaults.width),
  activation: activationOf(config.string('hidden_act', 'quick_gelu')),
  epsilon: config.number('layer_norm_eps', 1e-5),
  attentionDropout: config.number('attention_dropout', 0),
  stddev: config.number('initializer_range', 0.02),
  factor: config.number('initializer_factor', 1),
  projection: config.count('projection_dim', 512),
})

const textConfigOf = (config: ConfigReader): TextConfig => ({
  ...towerConfigOf(config, { width: 512, heads: 8 }),
  vocabSize: config.count('vocab_size', 49408),
  positions: config.count('max_position_embeddings', 77),
  endOfText: config.number('eos_token_id', 49407),
})

const visionConfigOf = (config: ConfigReader): VisionConfig => ({
  ...towerConfigOf(config, { width: 768, heads: 12 }),
  ...pictureSizesOf(config, { patch: 32 }),
})

/** The configuration of a tower in that of both; `…_config_dict` is how older files have it, and counts more. */
function withinOf(config: ConfigReader, name: 'text_config' | 'vision_config'): ConfigReader {
  const found = [name, `${name}_dict`].map((key) => config.within(key)?.raw)
  return new ConfigReader(Object.assign({}, ...found), `config.json: ${name}`)
}

class FeedForward extends Part {
  readonly className = 'CLIPFeedForward'
  readonly fc1
  readonly fc2
  readonly activation: ActivationFunction

  constructor({ width, inner, blocks, factor, activation }: TowerConfig) {
    super()
    this.fc1 = linear(inner, { stddev: factor / Math.sqrt(2 * width) })
    this.fc2 = linear(width, { stddev: factor / Math.sqrt(2 * blocks * width) })
    this.activation = activation
  }

  call(x: Tensor): Tensor {
    return this.fc2.apply(this.activation(this.fc1.apply(x)))
  }
}

class Block extends Part {
  readonly className = 'CLIPBlock'
  readonly layerNorm1
  readonly selfAttn
  readonly layerNorm2
  readonly mlp

  constructor(config: TowerConfig, causal: boolean) {
    super()
    const { width, heads, blocks, epsilon, factor, attentionDropout: dropout } = config
    this.layerNorm1 = layers.layerNormalization({ epsilon })
    // Section 2.5 of the paper: as GPT-2 begins, by width and depth.
    const stddev = factor / Math.sqrt(2 * blocks * width)
    const outStddev = factor / Math.sqrt(width)
    this.selfAttn = new SelfAttention({ width, heads, dropout, stddev, outStddev, causal })
    this.layerNorm2 = layers.layerNormalization({ epsilon })
    this.mlp = new FeedForward(config)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const attended = x.add(this.selfAttn.apply(this.layerNorm1.apply(x), context))
    return attended.add(this.mlp.apply(this.layerNorm2.apply(attended), context))
  }
}

const blocksOf = (config: TowerConfig, causal: boolean) => ({
  layers: Array.from({ length: config.blocks }, () => new Block(config, causal)),
})

/** What blocks make of embeddings: these, then each block's states. */
function through(blocks: readonly Block[], embedded: Tensor, context: NetworkContext): readonly Tensor[] {
  const states = [embedded]
  for (const block of blocks) states.push(block.apply(states.at(-1) as Tensor, context))
  return states
}

/** What a tower gives: states of all positions, and of the text or picture as a whole. */
interface TowerOutputs {
  readonly last: Tensor
  readonly pooled: Tensor
}

class TextTower extends Part {
  readonly className = 'CLIPTextTower'
  readonly embeddings
  readonly encoder
  readonly finalLayerNorm
  readonly endOfText: number

  constructor(config: TextConfig) {
    super()
    const stddev = 0.02 * config.factor
    this.embeddings = {
      token_embedding: embedding(config.vocabSize, config.width, stddev),
      position_embedding: embedding(config.positions, config.width, stddev),
    }
    this.encoder = blocksOf(config, true)
    this.finalLayerNorm = layers.layerNormalization({ epsilon: config.epsilon })
    this.endOfText = config.endOfText
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const { token_embedding, position_embedding } = this.embeddings
    const positions = position_embedding.apply(positionsOf(ids.shape[1] as number, context))
    return through(this.encoder.layers, token_embedding.apply(ids).add(positions), context)
  }

  call(ids: Tensor, context: NetworkContext): Tensor {
    return this.finalLayerNorm.apply(this.hiddenStates(ids, context).at(-1) as Tensor)
  }

  /** The text as a whole is what stands at its end. */
  tower(ids: Tensor, context: NetworkContext): TowerOutputs {
    const last = this.apply(ids, context)
    const [batch, , width] = last.shape as readonly [number, number, number]
    // Configurations of before 2023 say 2, which is not the end's number; the end has the largest of all.
    const ends = this.endOfText === 2 ? ids : ids.equal(this.endOfText).cast('int32')
    const at = ends.argMax(1).reshape([batch, 1, 1]).broadcastTo([batch, 1, width])
    return { last, pooled: ops.takeAlongAxis(last, at, 1).squeeze(1) }
  }
}

class VisionEmbeddings extends Part {
  readonly className = 'CLIPVisionEmbeddings'
  readonly patchEmbedding
  readonly positionEmbedding
  readonly sizes: VisionConfig
  #classEmbedding!: Variable

  constructor(config: VisionConfig) {
    super()
    this.sizes = config
    const { width, factor } = config
    const stddev = config.stddev * factor
    const [rows, columns] = gridOf(config)
    this.patchEmbedding = patchProjection(config, width, { stddev, useBias: false })
    this.positionEmbedding = embedding(1 + rows * columns, width, stddev)
  }

  override build(_inputShape: SymbolicShape): void {
    const { width, factor } = this.sizes
    const initializer = initializers.randomNormal({ stddev: factor / Math.sqrt(width) })
    this.#classEmbedding = this.addWeight({ name: 'class_embedding', shape: [width], initializer })
  }

  call(pixels: Tensor): Tensor {
    const grid = this.patchEmbedding.apply(pixels)
    const [batch, width, rows, columns] = grid.shape as readonly [number, number, number, number]
    const whole = this.#classEmbedding.value.broadcastTo([batch, 1, width])
    const from = gridOf(this.sizes)
    const learned = this.positionEmbedding.apply(arange(0, 1 + from[0] * from[1], 1, { dtype: 'int32' }))
    return ops.concat([whole, tokensOf(grid)], 1).add(positionsFor(learned, from, [rows, columns]))
  }
}

class VisionTower extends Part {
  readonly className = 'CLIPVisionTower'
  readonly embeddings
  // So in all checkpoints.
  readonly preLayrnorm
  readonly encoder
  readonly postLayernorm

  constructor(config: VisionConfig) {
    super()
    const { epsilon } = config
    this.embeddings = new VisionEmbeddings(config)
    this.preLayrnorm = layers.layerNormalization({ epsilon })
    this.encoder = blocksOf(config, false)
    this.postLayernorm = layers.layerNormalization({ epsilon })
  }

  hiddenStates(pixels: Tensor, { training }: NetworkContext): readonly Tensor[] {
    const embedded = this.preLayrnorm.apply(this.embeddings.apply(pixels))
    // Masks are the texts'.
    return through(this.encoder.layers, embedded, { training })
  }

  call(pixels: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(pixels, context).at(-1) as Tensor
  }

  /** The picture as a whole is the token in front. */
  tower(pixels: Tensor, context: NetworkContext): TowerOutputs {
    const last = this.apply(pixels, context)
    return { last, pooled: this.postLayernorm.apply(last.at(0, 1)) }
  }
}

const projectionOf = ({ factor, projection, width }: TowerConfig) =>
  linear(projection, { useBias: false, stddev: factor / Math.sqrt(width) })

/** CLIP's reader of texts; `pooler_output` is what stands at a text's end. */
class CLIPTextModel extends Network {
  readonly className: string = 'CLIPTextModel'
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly textModel: TextTower

  constructor(config: TextConfig) {
    super()
    this.textModel = new TextTower(config)
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.textModel.embeddings.token_embedding : undefined
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.textModel.hiddenStates(ids, context)
  }

  override outputs(ids: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const { last, pooled } = this.textModel.tower(ids, context)
    return { last_hidden_state: last, pooler_output: pooled }
  }
}

/** CLIP's reader of texts, whose `text_embeds` stand in the space of pictures too (of any length). */
class CLIPTextModelWithProjection extends CLIPTextModel {
  override readonly className = 'CLIPTextModelWithProjection'
  readonly textProjection

  constructor(config: TextConfig) {
    super(config)
    this.textProjection = projectionOf(config)
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    const { last, pooled } = this.textModel.tower(ids, context)
    return { text_embeds: this.textProjection.apply(pooled), last_hidden_state: last }
  }
}

/** CLIP's viewer of pictures (batch, channels, height, width), of the configuration's size. */
class CLIPVisionModel extends Network {
  readonly className: string = 'CLIPVisionModel'
  readonly takes: readonly NetworkInput[]
  readonly visionModel: VisionTower

  constructor(config: VisionConfig) {
    super()
    this.takes = [pixelValues(config, config.image)]
    this.visionModel = new VisionTower(config)
  }

  hiddenStates(pixels: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.visionModel.hiddenStates(pixels, context)
  }

  override outputs(pixels: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const { last, pooled } = this.visionModel.tower(pixels, context)
    return { last_hidden_state: last, pooler_output: pooled }
  }
}

/** CLIP's viewer of pictures, whose `image_embeds` stand in the space of texts too (of any length). */
class CLIPVisionModelWithProjection extends CLIPVisionModel {
  override readonly className = 'CLIPVisionModelWithProjection'
  readonly visualProjection

  constructor(config: VisionConfig) {
    super(config)
    this.visualProjection = projectionOf(config)
  }

  override outputs(pixels: Tensor, context: NetworkContext) {
    const { last, pooled } = this.visionModel.tower(pixels, context)
    return { image_embeds: this.visualProjection.apply(pooled), last_hidden_state: last }
  }
}

interface CLIPConfig {
  readonly text: TextConfig
  readonly vision: VisionConfig
  readonly logitScale: number
}

function configOf(config: ConfigReader): CLIPConfig {
  const projection = config.count('projection_dim', 512)
  return {
    text: { ...textConfigOf(withinOf(config, 'text_config')), projection },
    vision: { ...visionConfigOf(withinOf(config, 'vision_config')), projection },
    logitScale: config.number('logit_scale_init_value', 2.6592),
  }
}

/**
 * CLIP: texts and pictures in one space, where what belongs together points the same way. `logits_per_image`
 * (pictures, texts) has the scaled cosines; there may be more of the one than of the other.
 *
 * Radford et al. 2021, "Learning transferable visual models from natural language supervision",
 * https://arxiv.org/abs/2103.00020
 */
class CLIPModel extends Network {
  readonly className = 'CLIPModel'
  readonly takes: readonly NetworkInput[]
  readonly textModel: TextTower
  readonly visionModel: VisionTower
  readonly textProjection
  readonly visualProjection
  readonly #logitScale: Variable

  constructor({ text, vision, logitScale }: CLIPConfig) {
    super()
    // As many texts as there are, for as many pictures as there are.
    const ofTexts = { batch: 'text_batch_size' }
    this.takes = [
      { ...networkInputs.inputIds, ...ofTexts },
      { ...pixelValues(vision, vision.image), option: 'pixelValues', batch: 'image_batch_size' },
      { ...networkInputs.attentionMask, ...ofTexts },
    ]
    this.textModel = new TextTower(text)
    this.visionModel = new VisionTower(vision)
    this.textProjection = projectionOf(text)
    this.visualProjection = projectionOf(vision)
    const initializer = initializers.constant({ value: logitScale })
    this.#logitScale = this.addWeight({ name: 'logit_scale', shape: [], initializer })
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.textModel.embeddings.token_embedding : undefined
  }

  /** Those of the texts, then those of the pictures. */
  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const pixels = this.visionModel.hiddenStates(pixelsOf(context), context)
    return [...this.textModel.hiddenStates(ids, context), ...pixels]
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    const texts = direction(this.textProjection.apply(this.textModel.tower(ids, context).pooled))
    const { pooled } = this.visionModel.tower(pixelsOf(context), context)
    const images = direction(this.visualProjection.apply(pooled))
    const perText = texts.matmul(images.transpose()).mul(this.#logitScale.value.exp())
    return {
      logits_per_image: perText.transpose(),
      logits_per_text: perText,
      text_embeds: texts,
      image_embeds: images,
    }
  }
}

/** Vectors as long as 1. */
const direction = (x: Tensor): Tensor => x.div(x.square().sum(-1, { keepDims: true }).sqrt())

const pixelsOf = ({ pixelValues: pixels }: NetworkContext): Tensor => pixels as Tensor

const checkpoint = (prefix: string): CheckpointNames => ({
  prefix,
  // What else CLIP's checkpoints have, for one of its towers.
  ignored: ['text_model.*', 'vision_model.*', '*_projection.weight', 'logit_scale', '*.position_ids'],
})

/** The towers of a configuration of both, or of one of its own. */
const textNetworks = (within: (config: ConfigReader) => ConfigReader): Architecture['networks'] => ({
  CLIPTextModel: (config) => new CLIPTextModel(textConfigOf(within(config))),
  CLIPTextModelWithProjection: (config) => new CLIPTextModelWithProjection(textConfigOf(within(config))),
})

const visionNetworks = (within: (config: ConfigReader) => ConfigReader): Architecture['networks'] => ({
  CLIPVisionModel: (config) => new CLIPVisionModel(visionConfigOf(within(config))),
  CLIPVisionModelWithProjection: (config) =>
    new CLIPVisionModelWithProjection(visionConfigOf(within(config))),
})

const itself = (config: ConfigReader): ConfigReader => config

export const clip: Architecture = {
  modelType: 'clip',
  networks: {
    CLIPModel: (config) => new CLIPModel(configOf(config)),
    ...textNetworks((config) => withinOf(config, 'text_config')),
    ...visionNetworks((config) => withinOf(config, 'vision_config')),
  },
  checkpoint: checkpoint('clip'),
}

export const clipText: Architecture = {
  modelType: 'clip_text_model',
  networks: textNetworks(itself),
  checkpoint: { ...checkpoint('text_model'), renamed: [[/^text_model\./, '']] },
}

export const clipVision: Architecture = {
  modelType: 'clip_vision_model',
  networks: visionNetworks(itself),
  checkpoint: { ...checkpoint('vision_model'), renamed: [[/^vision_model\./, '']] },
}
