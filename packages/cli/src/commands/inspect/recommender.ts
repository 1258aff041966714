import { basename } from 'node:path'
import { Recommender } from '@typegrad/tabular'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { recommendLines } from '../report/recommend-lines.ts'
import type { Finding } from './finding.ts'

/** What a recommender was trained for, and what it reached. */
export async function inspectRecommender({ kind, path }: FoundFile): Promise<Finding> {
  const { report, userFeatures } = await Recommender.load(path)
  return {
    json: { report, userFeatures },
    lines: (context) => [
      basename(path),
      context.say(kindNames[kind]),
      '',
      ...recommendLines(report, userFeatures, context),
    ],
  }
}
