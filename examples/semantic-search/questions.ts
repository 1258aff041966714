/**
 * Questions as users ask them, in words of their own, and the places of `docs/guide` that answer each: marked by hand, before
 * anything was measured. Of pages that came later those places are marked that say the answer outright.
 */
export const questions: readonly (readonly [question: string, ...places: string[]])[] = [
  ['How can I stop training when the validation loss no longer gets better?', 'callbacks.md'],
  [
    'My program crashed in the night, how do I pick the run up without starting from zero?',
    'callbacks.md#resuming',
  ],
  ['Can I look at loss curves and weight histograms in a web dashboard?', 'callbacks.md#tensorboard'],
  [
    'All rows of one patient have to end up on the same side when I split',
    'cross-validation.md#choosing-the-folds',
    'tables.md#split',
  ],
  [
    'How do I keep my scaler from peeking at the test samples?',
    'cross-validation.md#preprocessing-within-a-fold',
    'cleaning.md#nothing-leaks',
  ],
  ['The parameters in a private field of my class do not learn', 'custom-layers.md#how-weights-are-found'],
  ['I want dropout to stay active when predicting', 'custom-layers.md#options-of-a-call'],
  ['Will I be told if my table has missing values?', 'data.md#what-is-checked', 'tables.md#profile'],
  [
    'My samples do not fit into memory, how do I read them lazily and shuffle them?',
    'data.md#data-sets',
    'tables.md',
    'datasets.md#steps-streams-training',
  ],
  ['add noise to the gradients before they are applied', 'distributed.md#change-gradients', 'distributed.md'],
  ['train one network on several machines at once', 'distributed.md#exchange-gradients', 'distributed.md'],
  ['What comes first, clipping or accumulation or weight decay?', 'distributed.md#the-order'],
  ['Does it run on a graphics card?', 'engines.md', 'engines.md#choose-an-engine'],
  ['Can two models in one program use different devices?', 'engines.md#several-engines-in-one-process'],
  ['I see garbage numbers, could memory be corrupted?', 'engines.md#check-an-engine'],
  ['How do I tell the exceptions apart in a catch block?', 'errors.md'],
  ['What happens if I misspell an option?', 'errors.md#options', 'errors.md#names'],
  [
    'Why can I not use an if on a computed number inside my step?',
    'gradients.md#compiled-functions',
    'errors.md#traced-functions',
  ],
  [
    'The backward pass takes too much memory, can activations be thrown away?',
    'gradients.md#recompute-instead-of-keep',
    'performance.md#memory',
    'pretraining.md#memory',
  ],
  ['Does it work with Bun or Deno?', 'installing.md#runtimes'],
  ['webpack complains about node modules', 'installing.md#bundlers'],
  ['lower the learning rate over time', 'losses-and-optimizers.md#schedules-and-averages'],
  ['How do I punish large weights?', 'losses-and-optimizers.md#penalties-and-constraints'],
  [
    'keep the pretrained part fixed while the rest learns',
    'models.md#freezing-layers',
    'weights.md#weights-by-path',
    'fine-tuning.md#methods',
  ],
  ['get the output of a layer in the middle of a network', 'models.md#models-within-models'],
  ['make a picture of my architecture', 'models.md#drawing-a-model'],
  ['use my trained net from another language such as C#', 'onnx.md#export-a-model'],
  ['Why are the first predictions slow and later ones faster?', 'performance.md#what-costs-time'],
  ['Do I have to free tensors by hand as in TensorFlow.js?', 'performance.md#memory', 'tensors.md'],
  [
    'My web server stutters while a model learns in the same process',
    'performance.md#training-beside-requests',
  ],
  ['How do I get exactly the same result in each run?', 'random.md'],
  ['open a model that was stored by Python', 'saving.md#files-of-keras-and-tensorflowjs'],
  [
    'put a new version of a model into production while the old one answers',
    'saving.md#serving-a-model-that-is-being-trained',
  ],
  ['find good hyperparameters automatically', 'search.md'],
  [
    'My sentences differ in length, how is the filling ignored?',
    'sequences.md#recurrent-layers-and-padding',
    'sequences.md#where-masks-go',
  ],
  ['let a network remember what it saw in the last batch', 'sequences.md#state-between-batches'],
  ['Does TypeScript notice a wrong matrix size before I run the program?', 'tensors.md#shapes-in-types'],
  [
    'two networks that compete with each other, each with its own optimizer',
    'training-steps.md#several-models',
  ],
  ['Why is my validation accuracy higher than on the training data?', 'training.md#reading-the-progress'],
  [
    'fine-tune with few parameters, like LoRA',
    'weights.md#adapters',
    'fine-tuning.md#methods',
    'fine-tuning.md',
  ],
]
