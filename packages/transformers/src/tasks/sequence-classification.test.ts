import { expect, test } from 'vitest'
import { expectTraining, modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { sequenceClassification } from './sequence-classification.ts'

const golden = readTrainings()

test.each(['single', 'decoder', 'multi', 'regression'])(
  '%s: two steps move each weight as in Python',
  async (name) => {
    const { model, tokenizer } = await modelOf(golden, name)
    const { before } = await expectTraining(golden, name, model, sequenceClassification({ tokenizer }))
    expect(Object.keys(before ?? {})).toEqual(Object.keys(golden.cases[name]?.scores ?? {}))
  },
)
