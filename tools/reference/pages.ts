/** Which exports stand on which page of the reference; functions that no page names stand on the page of tensors. */

export interface Page {
  readonly file: string
  readonly title: string
  /** What the page is for. */
  readonly intro: string
  /** Namespaces of the package whose functions it lists: `layers`. */
  readonly namespaces?: readonly string[]
  /** The subpath of which it lists the functions that the package itself does not export: `layers`. */
  readonly door?: string
  /** Functions of the package itself. */
  readonly functions?: readonly string[]
  /** Classes whose methods it lists. */
  readonly classes?: readonly string[]
  /** Methods that the library calls and programs do not. */
  readonly without?: readonly string[]
  /** Options that all on the page have, told once. */
  readonly shared?: { readonly of: string; readonly interfaces: readonly string[] }
}

export const pages: readonly Page[] = [
  {
    file: 'models',
    title: 'Models and training',
    intro: 'Make a model, compile it, train and judge it, save it, and load it again.',
    functions: [
      'sequential',
      'model',
      'cloneModel',
      'cloneLayer',
      'plotModel',
      'loadModel',
      'readKeras',
      'readKerasH5',
      'readTfjs',
      'readTfjsWeights',
      'writeKeras',
      'writeKerasH5',
      'crossValidate',
    ],
    classes: ['Model'],
    without: ['readersOf', 'stepWork', 'predictWork', 'compiled', 'graph'].map((name) => `model.${name}`),
  },
  {
    file: 'layers',
    title: 'Layers',
    intro: 'Every layer, with its options and their defaults. `input` begins a functional model.',
    namespaces: ['layers'],
    classes: ['Layer'],
    shared: { of: 'every layer', interfaces: ['LayerOptions'] },
  },
  {
    file: 'losses',
    title: 'Losses',
    intro: 'What training makes small. `compile({ loss })` takes these, or their names.',
    namespaces: ['losses'],
    shared: { of: 'every loss', interfaces: ['LossOptions'] },
  },
  {
    file: 'metrics',
    title: 'Metrics',
    intro: 'What a model is judged by. `compile({ metrics })` takes these, or their names.',
    namespaces: ['metrics'],
    shared: { of: 'every metric', interfaces: ['MetricOptions'] },
  },
  {
    file: 'optimizers',
    title: 'Optimizers and schedules',
    intro: 'How gradients change weights, and how the learning rate changes from step to step.',
    namespaces: ['optimizers', 'schedules'],
    shared: {
      of: 'every optimizer',
      interfaces: ['OptimizerOptions', 'ClippingOptions', 'MovingAverageOptions'],
    },
  },
  {
    file: 'callbacks',
    title: 'Callbacks',
    intro: 'What happens beside the training: `fit({ callbacks: [...] })` takes these.',
    namespaces: ['callbacks'],
  },
  {
    file: 'weights',
    title: 'Initializers, regularizers, constraints',
    intro: 'What weights begin as, what they cost, and what they are held to.',
    namespaces: ['initializers', 'regularizers', 'constraints'],
  },
  {
    file: 'activations',
    title: 'Activations',
    intro: 'Functions that layers apply to what they compute; `activation` takes these, or their names.',
    namespaces: ['activations'],
  },
  {
    file: 'data',
    title: 'Data',
    intro: 'Data sets as lazy streams, and the ways to hold samples back.',
    functions: [
      'trainTestSplit',
      'takeRows',
      'kFold',
      'stratifiedKFold',
      'groupKFold',
      'timeSeriesSplit',
      'parseIdx',
    ],
    classes: ['Dataset'],
  },
  {
    file: 'search',
    title: 'Search',
    intro: 'Try points of a space of options and keep the best.',
    functions: ['tune', 'search'],
    namespaces: ['space'],
  },
  {
    file: 'transforms',
    title: 'Gradients and compiled functions',
    intro:
      'Functions that take functions: differentiate them, compile them. Among the [operations](ops.md) `ops.scan` loops inside of the graph, `ops.withGradient` brings a gradient of its own, and `ops.stopGradient` ends one.',
    functions: ['grad', 'valueAndGrad', 'compile', 'checkpoint'],
  },
  {
    file: 'random',
    title: 'Random numbers',
    intro: 'Draws that are functions of a seed, the step and the place in the program.',
    namespaces: ['random'],
    functions: ['setRandomSeed'],
  },
  {
    file: 'engines',
    title: 'Engines',
    intro: 'Choose where models run.',
    functions: ['createEngine', 'setEngine', 'withEngine', 'getEngine', 'defaultEngine'],
  },
  {
    file: 'ops',
    title: 'Operations',
    intro:
      'Functions of tensors, numbers and arrays; those that a model needs take its symbolic tensors as well. Most are methods of tensors too: `x.matmul(y)`.',
    namespaces: ['ops'],
  },
  {
    file: 'for-layers',
    title: 'For writers of layers',
    intro: 'What `typegrad/layers` exports beside the base classes, for code that treats layers as such.',
    door: 'layers',
  },
  {
    file: 'signals',
    title: 'Signals',
    intro:
      'What `typegrad/signals` exports: spectra of signals in memory, for packages that make features of sounds. Its classes, `FourierTransform`, `RealFourierTransform`, `Frames` and `FrameSpectra`, say in their types what they take.',
    door: 'signals',
  },
]

/** The page of what is left. */
export const rest: Page = {
  file: 'tensors',
  title: 'Tensors',
  intro:
    'Make tensors and compute with them: the methods of tensors. All operations are functions of [`ops`](ops.md) too.',
  classes: ['Tensor', 'Variable'],
  without: ['tensor.settle'],
}
