/** `commands/completion/`: scripts by which shells complete commands and options. It knows definitions alone. */
import { defineCommand } from '../../program/definition.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export const completion = defineCommand({
  name: 'completion',
  summary: {
    en: 'A script by which a shell completes commands and options.',
    zh: '输出让 shell 补全命令与选项的脚本。',
  },
  arguments: {
    shell: { shown: 'SHELL', choices: shells, help: { en: 'bash, zsh or fish.', zh: 'bash、zsh 或 fish。' } },
  },
  options: {},
  hasJson: false,
  examples: [
    ['typegrad completion bash >> ~/.bashrc', { en: 'bash', zh: 'bash' }],
    [
      'typegrad completion zsh > ~/.zfunc/_typegrad',
      { en: 'zsh, with ~/.zfunc in fpath', zh: 'zsh，~/.zfunc 需在 fpath 中' },
    ],
    ['typegrad completion fish > ~/.config/fish/completions/typegrad.fish', { en: 'fish', zh: 'fish' }],
  ],
})
