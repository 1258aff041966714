/**
 * Texts of JSON Schema's formats (2020-12, 7.3) as regular expressions. Each text is of its format; of hosts, mails and
 * addresses of resources the common ones are covered, not all that the standards allow.
 */
const date =
  '(?:(?:[0-9]{2}(?:[2468][048]|[13579][26]|0[48])|(?:[02468][048]|[13579][26])00)-02-29|[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])))'
const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]'
const time = `${clock}:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-]${clock})`
const byte = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const host = `${label}(?:\\.${label})*`
const group = '[0-9a-fA-F]{1,4}'
/** Eight groups, or fewer with one run of zeros left out. */
const shortened = Array.from(
  { length: 7 },
  (_, before) => `(?:${group}(?::${group}){${before}})?::(?:${group}(?::${group}){0,${5 - before}})?`,
)
  .slice(0, 6)
  .concat([`(?:${group}:){7}${group}`, '::', `::${group}(?::${group}){0,6}`, `${group}(?::${group}){6}::`])

export const stringFormats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date}T${time}`,
  duration:
    'P(?:[0-9]{1,9}W|(?:[0-9]{1,9}Y(?:[0-9]{1,9}M(?:[0-9]{1,9}D)?)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D)(?:T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S))?|T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S))',
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  email: `[a-zA-Z0-9!#$%&'*+/=?^_{|}~-]+(?:\\.[a-zA-Z0-9!#$%&'*+/=?^_{|}~-]+)*@${label}(?:\\.${label})+`,
  hostname: host,
  ipv4: `${byte}(?:\\.${byte}){3}`,
  ipv6: `(?:${shortened.join('|')})`,
  uri: `https?://${host}(?::[1-9][0-9]{0,3})?(?:/[a-zA-Z0-9._~!$&'()*+,;=:@-]*)*(?:\\?[a-zA-Z0-9._~!$&'()*+,;=:@/?-]*)?(?:#[a-zA-Z0-9._~!$&'()*+,;=:@/?-]*)?`,
}
