// Trains on the pictures in data/, whose folders are their classes, and keeps the model in models/.
import { imageDatasetFromDirectory } from '@typegrad/data'
import { setRandomSeed } from 'typegrad'
import { classifier, size } from './classifier.ts'
import { path } from './paths.ts'

setRandomSeed(1)
const [training, held] = await imageDatasetFromDirectory(path('data'), {
  imageSize: [size, size],
  batchSize: 16,
  validationSplit: 0.25, // pictures that nothing is learned from
  subset: 'both',
  seed: 1,
})
const classes = training.classNames ?? []
const model = classifier(classes.length)
await model.fit(training, { epochs: 30, validationData: held })
await model.save(path('models/pictures.keras'))
console.log(`classes: ${classes.join(', ')}`)
