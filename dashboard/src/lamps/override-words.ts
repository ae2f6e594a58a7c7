import type { LampOrder } from '#telemetry/command.ts'
import { orderEndWords } from '#telemetry/glossary/lamp-override.ts'
import { getLocale } from '../i18n/locale.svelte.ts'
import { lampTexts } from './texts.ts'

/** How orders to lamps are put into words, in the language of the page; to be called while a component is made. */
export function getOrderWords() {
  const locale = getLocale()

  /** What a lamp is to do. */
  function what(order: LampOrder): string {
    const t = lampTexts[locale.language]
    return order.action === 'dim' ? t.dim(`${locale.format.number(order.level * 100)} %`) : t[order.action]
  }

  /** Until when; empty for an order back to the schedule. */
  function end(order: LampOrder): string {
    if (order.action === 'automatic') return ''
    const { until } = order
    return orderEndWords(until === undefined ? undefined : locale.format.minute(until), locale.language)
  }

  return { what, end }
}
