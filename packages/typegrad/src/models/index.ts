/**
 * `models/`: what a model is: a graph of layers with weights. It knows nothing of training, saving and drawing, which
 * add their methods to the class.
 */
export { type CloneOptions, cloneLayer, cloneModel } from './clone.ts'
export { Functional, type FunctionalOptions, model } from './functional.ts'
export { type AnyModel, Model, type ModelInput, type Predicted, type Prediction } from './model.ts'
export { Sequential, type SequentialOptions, sequential } from './sequential.ts'
