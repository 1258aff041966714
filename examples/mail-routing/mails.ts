/**
 * `mail-routing/`: the parts of `examples/mail-routing.ts`: mails, queues, and three ways to find the one for the other. It
 * knows typegrad as any program does.
 */

/**
 * The queues of a shop that sells thermostats with an app, by what is said of each. Keywords are the first that come to mind;
 * the fitted ones were added to with the mails in sight, so they find more here than they would in a mailbox.
 */
export const queues = {
  billing: {
    /** Behind "This mail is about". */
    label: 'a payment, an invoice or a refund',
    description: 'Payments, invoices, refunds, charges on a card, prices, vouchers and taxes.',
    keywords: /\b(invoice|bill|payment|paid|charge[ds]?|refund|card|price|vat|voucher|subscription)\b/gi,
    fitted:
      /\b(invoice|bill|receipt|pay|payment|paid|paypal|charge[ds]?|refund|money|bank|card|euros?|price|vat|tax|voucher|discount|fee|plan|subscription)\b/gi,
  },
  delivery: {
    label: 'the delivery of a parcel',
    description:
      'Parcels on their way: delivery dates, tracking, addresses, lost or damaged shipments, sending goods back.',
    keywords: /\b(deliver(y|ed)|parcel|package|shipping|shipped|tracking|courier|address|return)\b/gi,
    fitted:
      /\b(deliver(y|ed)|parcel|package|box|carton|ship(ping|ped|ment)|tracking|courier|driver|address|order(ed)?|warehouse|arrive[ds]?|return|send it back|missing)\b/gi,
  },
  technical: {
    label: 'a device or an app that does not work',
    description:
      'Devices and apps that do not work: installation, wiring, errors, crashes, connections, wrong temperatures.',
    keywords: /\b(error|crash(es|ed)?|broken|install(ation)?|update|wifi|bluetooth|app|sensor|firmware)\b/gi,
    fitted:
      /\b(error|crash(es|ed)?|broken?|install(ation)?|update|version|wifi|network|router|offline|bluetooth|app|sensor|firmware|batter(y|ies)|display|screen|button|manual|wire|cable|degrees|fix)\b/gi,
  },
  account: {
    label: 'a login or the data of an account',
    description:
      'Accounts: signing in, passwords, two-factor codes, changing a name or mail address, deleting personal data.',
    keywords: /\b(account|password|login|log in|sign in|e-?mail|user ?name|profile|gdpr|newsletter)\b/gi,
    fitted:
      /\b(account|password|login|log in|sign[- ]in|e-?mail|user ?name|name|profile|settings|code|personal data|erase|delete|gdpr|newsletter)\b/gi,
  },
} as const

export type Queue = keyof typeof queues
export const queueNames = Object.keys(queues) as readonly Queue[]

export interface Mail {
  readonly queue: Queue
  readonly subject: string
  readonly body: string
}

export const textOf = ({ subject, body }: Mail): string => `${subject}\n\n${body}`

/** Written for this example, as customers write, and sorted by hand. */
export const mails: readonly Mail[] = [
  {
    queue: 'billing',
    subject: 'Charged twice',
    body: 'Hi, my bank shows two debits of 129 euros from you on the same day, but I only bought one thermostat. Could you send the second amount back? Thanks, Maria',
  },
  {
    queue: 'billing',
    subject: 'Document for my tax office',
    body: 'Hello, I need a receipt for order 48211 with our company name and the VAT number on it. What came with the parcel only has my private name.',
  },
  {
    queue: 'billing',
    subject: 'Where is my money?',
    body: 'I sent the unit back three weeks ago and you confirmed that it arrived. Still nothing on my credit card. When will I get it?',
  },
  {
    queue: 'billing',
    subject: 'Discount did not go through',
    body: 'The code SPRING15 was accepted in the basket but in the end I had to pay the full amount. Please correct this.',
  },
  {
    queue: 'billing',
    subject: 'Reminder for something I settled',
    body: 'Today I received a second reminder with a late fee. I transferred the whole sum on 3 March, please see the statement attached.',
  },
  {
    queue: 'billing',
    subject: 'Monthly plan',
    body: 'I was told that the first three months of the premium plan cost nothing. Why did you take 4.99 from my PayPal yesterday?',
  },
  {
    queue: 'delivery',
    subject: 'Still waiting',
    body: 'I ordered ten days ago and the page said two to three working days. Has it even left your warehouse?',
  },
  {
    queue: 'delivery',
    subject: 'Tracking says delivered',
    body: 'According to the courier the box was handed over on Tuesday at 11. Nobody was at home at that time and none of the neighbours has it.',
  },
  {
    queue: 'delivery',
    subject: 'Moving house',
    body: 'We are moving next Friday. Can you still send order 50332 to the new flat: 14 Mill Lane, Leeds? I cannot change it on the website any more.',
  },
  {
    queue: 'delivery',
    subject: 'Box crushed',
    body: 'The carton arrived today completely soaked and flattened on one side. I have not opened it. Do you want pictures before I hand it back to the driver?',
  },
  {
    queue: 'delivery',
    subject: 'I changed my mind',
    body: 'The thermostat is the wrong colour for our hall. How do I send it back, and do I have to print a label myself?',
  },
  {
    queue: 'delivery',
    subject: 'One piece missing',
    body: 'I ordered three radiator valves and a bridge, but there were only two valves inside. Is a second shipment on its way?',
  },
  {
    queue: 'technical',
    subject: 'Display stays dark',
    body: 'Since this morning the thermostat shows nothing at all. I have put in new batteries and pressed the button for ten seconds, no reaction.',
  },
  {
    queue: 'technical',
    subject: 'Keeps losing the network',
    body: 'Every night at about two the bridge goes offline and comes back only when I unplug it. My phone and the TV have no trouble with the same router.',
  },
  {
    queue: 'technical',
    subject: 'Far too warm',
    body: 'I set 19 degrees, the screen says 19, but my own thermometer next to it reads 23. Can the reading be calibrated?',
  },
  {
    queue: 'technical',
    subject: 'Since the last version',
    body: 'The heating schedule closes by itself as soon as I touch Wednesday. It is a Pixel 8 with the newest Android. I paid a lot for this, please fix it.',
  },
  {
    queue: 'technical',
    subject: 'Which wire goes where?',
    body: 'My old controller has a brown, a blue and a grey cable, your manual only shows two terminals. I do not want to blow anything up.',
  },
  {
    queue: 'technical',
    subject: 'E7',
    body: 'After mounting the valve the motor hums for a while, then E7 blinks. The page in the manual just says to contact support.',
  },
  {
    queue: 'account',
    subject: "Can't get in",
    body: 'Your page keeps telling me that my password is wrong. I asked for the reset link four times and nothing arrives, not even in spam.',
  },
  {
    queue: 'account',
    subject: 'New phone',
    body: 'My old phone broke and with it the authenticator. Now the page wants a six-digit code that I do not have. How do I prove that it is me?',
  },
  {
    queue: 'account',
    subject: 'Remove everything about me',
    body: 'I no longer use your products. I ask you to erase all personal data that you hold and to confirm this in writing within a month.',
  },
  {
    queue: 'account',
    subject: 'Got married',
    body: 'My last name is Okafor now, and I write from a different provider. Both are greyed out in my settings. Could you change them for me?',
  },
  {
    queue: 'account',
    subject: 'Sold the flat',
    body: 'The new owners should see the thermostats in their own app and I should not any more. How do I hand the devices over to their profile?',
  },
  {
    queue: 'account',
    subject: 'Was that you?',
    body: 'I got a message about a sign-in from Brazil. I live in Ghent and have never been there. Should I do something?',
  },
]
