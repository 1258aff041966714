import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFolderAtomically } from 'typegrad/formats'
import type { CommandContext } from '../../program/context.ts'
import type { Run } from '../../program/definition.ts'
import { Interrupted, UsageFailure } from '../../program/failure.ts'
import { notAmong } from '../../program/options.ts'
import { ownFolder } from '../../program/version.ts'
import type { newProject } from './definition.ts'
import { projectFiles } from './project-files.ts'
import { type TemplateName, templateNames, templates } from './templates.ts'

export const run: Run<typeof newProject> = async (context, given) => {
  const template = given.template ?? (await templateAsked(context))
  const folder = given.folder ?? (await folderAsked(context, template))
  await checkEmpty(folder)
  const readme = context.language === 'zh' ? 'README.zh.md' : 'README.md'
  await context.writing(folder, () =>
    replaceFolderAtomically(folder, async (temporary) => {
      await cp(join(ownFolder(), 'templates', template), temporary, { recursive: true })
      if (readme !== 'README.md') await rename(join(temporary, readme), join(temporary, 'README.md'))
      await rm(join(temporary, 'README.zh.md'), { force: true })
      for (const [name, text] of Object.entries(projectFiles(folder, template)))
        await writeFile(join(temporary, name), text)
    }),
  )
  context.print(
    context.say({
      en: `The project is in ${folder}: ${templates[template].what.en}. Go on with`,
      zh: `项目已建在 ${folder}：${templates[template].what.zh}。接下来：`,
    }),
    '',
    `  cd ${folder}`,
    '  npm install',
    '  npm run train',
  )
}

async function templateAsked(context: CommandContext): Promise<TemplateName> {
  const { ask } = context.terminal
  if (ask === undefined) throw notAmong('--template', templateNames, '')
  const answer = await ask.choose(
    context.say({ en: 'What is the project to be?', zh: '要建什么项目？' }),
    templateNames.map((name) => ({ value: name, label: name, hint: context.say(templates[name].what) })),
  )
  const chosen = templateNames.find((name) => name === answer)
  if (chosen === undefined) throw new Interrupted()
  return chosen
}

async function folderAsked(
  { terminal: { ask }, language }: CommandContext,
  template: string,
): Promise<string> {
  if (ask === undefined)
    throw new UsageFailure({
      where: 'FOLDER',
      expected: { en: 'a folder for the project', zh: '项目文件夹' },
      received: { en: 'none', zh: '空' },
    })
  const answer = await ask.text(
    { en: 'In which folder?', zh: '放在哪个文件夹？' }[language],
    `my-${template}`,
  )
  if (answer === undefined) throw new Interrupted()
  return answer
}

/** @throws UsageFailure for a folder with something in it, and for a file. */
async function checkEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) =>
    code === 'ENOENT' ? [] : [folder],
  )
  if (names.length === 0) return
  throw new UsageFailure({
    where: folder,
    expected: { en: 'a folder that is new or empty', zh: '不存在或为空的文件夹' },
    received: { en: 'one with files, or a file', zh: '其中已有文件，或它本身是文件' },
    fix: { en: 'Name another one.', zh: '请换一个名称。' },
  })
}
