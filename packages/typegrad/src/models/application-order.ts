import { ArgumentError } from '../base/errors.ts'
import { type Layer, layerOf } from '../layers/base/layer.ts'
import { type Application, SymbolicTensor } from '../layers/base/symbolic.ts'

/**
 * The uses of layers between inputs and outputs, each after those whose results it takes: depth first from the
 * outputs.
 *
 * @throws ArgumentError naming an input that is missing, the layers of a cycle, or layers of one name.
 */
export function applicationsInOrder(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): Application[] {
  for (const [role, list] of [
    ['inputs', inputs],
    ['outputs', outputs],
  ] as const) {
    const odd: unknown = list.find((item) => !(item instanceof SymbolicTensor))
    if (odd === undefined && list.length > 0) continue
    throw new ArgumentError({
      where: `model: ${role}`,
      expected: 'symbolic tensors, made by input({ shape }) and layers applied to them',
      received: list.length === 0 ? 'none' : odd instanceof Object ? odd.constructor.name : typeof odd,
      fix: 'Begin with const x = input({ shape: [784] }).',
    })
  }
  const given = new Set(inputs.map((i) => i.application))
  const order: Application[] = []
  const seen = new Set<Application>()
  /** Uses whose inputs are being looked at: each depends on the one after it. */
  const open = new Set<Application>()
  const stack = outputs.map((output) => output.application).reverse()
  while (stack.length > 0) {
    const application = stack[stack.length - 1] as Application
    const waiting = given.has(application)
      ? []
      : application.inputs.map((i) => i.application).filter((a) => !seen.has(a))
    if (seen.has(application) || waiting.length === 0) {
      stack.pop()
      open.delete(application)
      if (!seen.has(application)) {
        seen.add(application)
        order.push(application)
      }
    } else {
      open.add(application)
      const again = waiting.find((a) => open.has(a))
      if (again !== undefined) throw cycle([...open], again)
      stack.push(...waiting.reverse())
    }
  }
  const missing = order.find((application) => application.inputs.length === 0 && !given.has(application))
  if (missing !== undefined) {
    throw new ArgumentError({
      where: 'model',
      expected: 'all inputs that the outputs depend on',
      received: `inputs without '${missing.layer.name}'`,
      fix: 'Add it to inputs.',
    })
  }
  // Inputs that lead to no output are taken, as in Keras: a loss or a metric may want them.
  for (const { application } of inputs) if (!seen.has(application)) order.push(application)
  checkNames(new Set(order.map((application) => application.layer)))
  return order
}

/** The API cannot make one; symbolic tensors that are assembled by hand can. */
function cycle(open: readonly Application[], again: Application): ArgumentError {
  const around = [...open.slice(open.indexOf(again)), again].reverse()
  return new ArgumentError({
    where: 'model',
    expected: 'layers without a cycle',
    received: around.map(({ layer }) => `'${layer.name}'`).join(' → '),
    fix: 'Apply layers only to what comes before them.',
  })
}

function checkNames(layers: Iterable<{ readonly name: string }>): void {
  const names = new Set<string>()
  for (const { name } of layers) {
    if (names.has(name)) {
      throw new ArgumentError({
        where: 'model',
        expected: 'layers of different names',
        received: `two named '${name}'`,
        fix: 'Give one of them another name.',
      })
    }
    names.add(name)
  }
}

/**
 * The layers of a model in Keras's order, which its weights, optimizer slots and files follow: those furthest
 * from the outputs first, of one distance those that a walk from the outputs meets first, inputs that lead nowhere before
 * all that is at the end.
 *
 * @param order uses of layers, each after those whose results it takes.
 */
export function layersInOrder(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  order: readonly Application[],
): Layer[] {
  const given = new Set(inputs.map((i) => i.application))
  const met = new Map<Layer, number>()
  const seen = new Set<Application>()
  const stack = outputs.map((output) => output.application).reverse()
  for (let application = stack.pop(); application !== undefined; application = stack.pop()) {
    if (seen.has(application)) continue
    seen.add(application)
    const layer = layerOf(application)
    if (!met.has(layer)) met.set(layer, met.size)
    if (!given.has(application)) stack.push(...application.inputs.map((i) => i.application).reverse())
  }
  const distances = new Map<Application, number>()
  const ofLayers = new Map<Layer, number>()
  for (const application of [...order].reverse()) {
    const layer = layerOf(application)
    const distance = Math.max(distances.get(application) ?? 0, ofLayers.get(layer) ?? 0)
    distances.set(application, distance)
    ofLayers.set(layer, distance)
    for (const { application: before } of application.inputs)
      distances.set(before, Math.max(distance + 1, distances.get(before) ?? 0))
  }
  const rank = (layer: Layer): number => met.get(layer) ?? -1
  return [...ofLayers]
    .sort(([a, distanceA], [b, distanceB]) => distanceB - distanceA || rank(a) - rank(b))
    .map(([layer]) => layer)
}
