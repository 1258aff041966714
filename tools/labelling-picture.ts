// The picture of the labelling page in the guide: npx tsx tools/labelling-picture.ts (tools/pictures.ts makes it too)
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { label } from '@typegrad/label'
import { decode } from 'fast-png'
import { Chromium } from './chromium.ts'
import { smallPng } from './report-picture.ts'

const mail = `Dear friend,

you have been chosen for a cruise to the Bahamas, free of charge! Call within 24 hours to claim
your cabin. No purchase necessary, and your friends will not believe it.`

/** The page over a mail, with a model's opinion of it, as a small PNG. */
export async function labellingPicture(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-labelling-'))
  const mails = [mail, ...Array.from({ length: 199 }, (_, i) => `Mail ${i}`)]
  const session = await label(mails, {
    ...{ task: 'class', classes: ['wanted', 'spam', 'newsletter'], title: 'Mails', folder },
    propose: (samples) => samples.map((_, i) => ({ scores: i === 0 ? [0.09, 0.52, 0.39] : [1, 0, 0] })),
  })
  await session.modelIdle()
  const chromium = await Chromium.start()
  try {
    const page = await chromium.open(session.url, { size: [900, 460] })
    await page.until("document.activeElement?.matches('input')")
    await page.type('Ada')
    await page.press('Enter')
    await page.until("document.querySelector('.classes')")
    const { width, channels, data } = decode(await page.screenshot())
    return smallPng(data as Uint8Array, width, channels)
  } finally {
    await chromium.close()
    await session.close()
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/pictures/labelling.png', import.meta.url), await labellingPicture())
