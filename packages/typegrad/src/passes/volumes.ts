import { makeNode, type Node, type NodeOf } from '../graph/node.ts'
import { type Pair, padded, reshaped, sliced, transposed } from './axes.ts'
import { type AnyConvolution, shapesOf } from './convolution-shapes.ts'

/** Five axes: batch, channels, depth, height, width, or outputs, inputs and those of a window. */
type Volume = readonly [number, number, number, number, number]
type Pool = Node & NodeOf<'maxPool' | 'maxPoolGradient' | 'averagePool'>

/** Gives another node for one of images, or the same where it has none. */
type OfImages = (node: Node) => Node

/** How windows lie along the depth. */
interface Depths {
  readonly size: number
  readonly window: number
  readonly stride: number
  readonly dilation: number
  readonly padding: Pair
  readonly places: number
}

/**
 * (N, C, D, H, W) → (N · D′, window · C, H, W): for each place along the depth the slices that its window sees, beside
 * each other as channels. Of D′ places there are as many images.
 */
function windowsOfDepth(x: Node, { window, stride, dilation, padding, places }: Depths): Node {
  const [batch, channels, , height, width] = x.shape as Volume
  const last = padded(transposed(x, [0, 2, 3, 4, 1]), 1, padding)
  const seen = Array.from({ length: window }, (_, k) =>
    sliced(last, 1, k * dilation, k * dilation + (places - 1) * stride + 1, stride),
  )
  const beside = seen.length === 1 ? (seen[0] as Node) : makeNode('concat', seen, { axis: 4 })
  return transposed(reshaped(beside, [batch * places, height, width, window * channels]), [0, 3, 1, 2])
}

/** The transpose of `windowsOfDepth`: every slice gets the sum of what windows say of it. */
function sumOfDepthWindows(images: Node, batch: number, depths: Depths): Node {
  const { size, window, stride, dilation, padding, places } = depths
  const [, seen, height, width] = images.shape as readonly [number, number, number, number]
  const channels = seen / window
  const all = reshaped(transposed(images, [0, 2, 3, 1]), [batch, places, height, width, seen])
  const whole = padding[0] + size + padding[1]
  const span = (places - 1) * stride + 1
  const parts = Array.from({ length: window }, (_, k) => {
    const part = sliced(all, 4, k * channels, (k + 1) * channels)
    // Zeros between the places: (N, D′, 1, …) → (N, D′, stride, …) → (N, D′ · stride, …).
    const apart =
      stride === 1
        ? part
        : reshaped(padded(reshaped(part, [batch, places, 1, height, width, channels]), 2, [0, stride - 1]), [
            batch,
            places * stride,
            height,
            width,
            channels,
          ])
    return padded(sliced(apart, 1, 0, span), 1, [k * dilation, whole - span - k * dilation])
  })
  const sum = parts.reduce((a, b) => makeNode('add', [a, b], {}))
  return transposed(sliced(sum, 1, padding[0], padding[0] + size), [0, 4, 1, 2, 3])
}

/** (O, I, window, h, w) → (O, window · I, h, w). */
function kernelOfWindows(kernel: Node): Node {
  const [outputs, inputs, window, height, width] = kernel.shape as Volume
  return reshaped(transposed(kernel, [0, 2, 1, 3, 4]), [outputs, window * inputs, height, width])
}

/** (N, O, D′, H, W) → (N · D′, O, H, W). */
function imagesOf(volumes: Node): Node {
  const [batch, channels, depth, height, width] = volumes.shape as Volume
  return reshaped(transposed(volumes, [0, 2, 1, 3, 4]), [batch * depth, channels, height, width])
}

/** (N · D′, O, H, W) → (N, O, D′, H, W). */
function volumesOf(images: Node, batch: number): Node {
  const [all, channels, height, width] = images.shape as readonly [number, number, number, number]
  return transposed(reshaped(images, [batch, all / batch, channels, height, width]), [0, 2, 1, 3, 4])
}

/**
 * A convolution of volumes as one of images, whose channels are the slices that a window sees along the depth. These
 * stand in memory as often as windows see them, which is little beside the patches of the images. Groups are cut before: the channels of
 * one would not lie beside each other.
 */
export function convolutionOfVolumes(node: AnyConvolution, ofImages: OfImages): Node {
  const { strides, padding, dilation, groups } = node.params
  const [a, b] = node.inputs as readonly [Node, Node]
  const { images: volume, kernel, results } = shapesOf(node)
  const batch = volume[0] as number
  const depths: Depths = {
    size: volume[2] as number,
    window: kernel[2] as number,
    stride: strides[0] as number,
    dilation: dilation[0] as number,
    padding: padding[0] as Pair,
    places: results[2] as number,
  }
  const params = {
    strides: strides.slice(1),
    padding: padding.slice(1),
    dilation: dilation.slice(1),
    groups,
  }
  const via = (images: Node, back: (images: Node) => Node): Node => {
    const found = ofImages(images)
    return found === images ? node : back(found)
  }
  switch (node.kind) {
    case 'conv':
      return via(makeNode('conv', [windowsOfDepth(a, depths), kernelOfWindows(b)], params), (images) =>
        volumesOf(images, batch),
      )
    case 'convInputGradient': {
      const [, channels, , height, width] = volume as Volume
      const inputShape = [batch * depths.places, depths.window * channels, height, width]
      return via(
        makeNode('convInputGradient', [imagesOf(a), kernelOfWindows(b)], { ...params, inputShape }),
        (images) => sumOfDepthWindows(images, batch, depths),
      )
    }
    case 'convKernelGradient': {
      const [outputs, inputs, window, height, width] = kernel as Volume
      const kernelShape = [outputs, window * inputs, height, width]
      return via(
        makeNode('convKernelGradient', [windowsOfDepth(a, depths), imagesOf(b)], { ...params, kernelShape }),
        (images) => transposed(reshaped(images, [outputs, window, inputs, height, width]), [0, 2, 1, 3, 4]),
      )
    }
  }
}

/** (N, C, D, H, W) → (N, C, D, H · W): what pools along the depth see as an image. */
const asColumns = (volumes: Node): Node => {
  const [batch, channels, depth, height, width] = volumes.shape as Volume
  return reshaped(volumes, [batch, channels, depth, height * width])
}

/**
 * A pooling of volumes as one of their slices and then one along the depth: the largest of the slices' largest, the mean
 * of their means (each of as many elements). The first of equal maxima stays the first.
 */
export function poolingOfVolumes(node: Pool, ofImages: OfImages): Node {
  const { window, strides, padding } = node.params
  const within = { window: window.slice(1), strides: strides.slice(1), padding: padding.slice(1) }
  const along = {
    window: [window[0] as number, 1],
    strides: [strides[0] as number, 1],
    padding: [padding[0] as Pair, [0, 0] as const],
  }
  const [x] = node.inputs as readonly [Node]
  const batch = x.shape[0] as number
  const kind = node.kind === 'averagePool' ? 'averagePool' : 'maxPool'
  const slices = imagesOf(x)
  const flat = makeNode(kind, [slices], within)
  const pooledSlices = ofImages(flat)
  const middle = volumesOf(pooledSlices, batch)
  const deep = makeNode(kind, [asColumns(middle)], along)
  const pooled = ofImages(deep)
  if (pooledSlices === flat || pooled === deep) return node
  if (node.kind !== 'maxPoolGradient') return reshaped(pooled, node.shape)
  const [, result, cotangent] = node.inputs as readonly [Node, Node, Node]
  const alongDepth = ofImages(
    makeNode('maxPoolGradient', [asColumns(middle), asColumns(result), asColumns(cotangent)], along),
  )
  const ofSlices = ofImages(
    makeNode('maxPoolGradient', [slices, pooledSlices, imagesOf(reshaped(alongDepth, middle.shape))], within),
  )
  return volumesOf(ofSlices, batch)
}
