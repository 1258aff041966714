export { type CloneOptions, cloneLayer, cloneModel } from './clone.ts'
export { Functional, type FunctionalOptions, model } from './functional.ts'
export { Model, type ModelInput, type Predicted, type Prediction } from './model.ts'
export { Sequential, type SequentialOptions, sequential } from './sequential.ts'
