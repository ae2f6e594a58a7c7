import { z } from 'zod'
import { timestampSchema } from '#telemetry/reading-parts.ts'

const rfc3339 = z.iso.datetime({ offset: true })

/** A moment in a query: RFC 3339 with an offset, or epoch milliseconds. Comes out as epoch milliseconds. */
export const timeParameter = z
  .string()
  .transform((text, context) => {
    const ms = /^\d{1,16}$/.test(text) ? Number(text) : rfc3339.safeParse(text).success ? Date.parse(text) : Number.NaN
    const parsed = timestampSchema.safeParse(ms)
    if (parsed.success) return parsed.data
    context.addIssue({
      code: 'custom',
      message: 'must be a time between 2000 and 2100, in RFC 3339 (2026-01-31T08:00:00+07:00) or epoch milliseconds',
      params: { fault: { code: 'NOT_A_TIME_GIVEN', params: {} } },
    })
    return z.NEVER
  })
  .meta({ description: 'RFC 3339 or epoch milliseconds', examples: ['2026-01-31T08:00:00+07:00'] })
