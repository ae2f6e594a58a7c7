/** Windows of figures of air and water, which are of whole ones: hours, and days, months and years of the calendar of the city. */
export const figureWindows = ['1h', '1d', '1mo', '1y'] as const
export type FigureWindow = (typeof figureWindows)[number]

/** By what sensors become one figure of air or water. */
export const figureGroupings = ['sensor', 'ward', 'district'] as const
export type FigureGrouping = (typeof figureGroupings)[number]

/** Windows of the series beside figures of traffic and of data quality, which need not begin with a whole one. */
export const seriesWindows = ['1h', '1d', '1w', '1mo', '1y'] as const
