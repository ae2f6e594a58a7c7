/** Which way the vehicles go that a counter counts, along its road as the city draws it (FIWARE Smart Data Models, TrafficFlowObserved). */
export const travelDirections = ['forward', 'backward'] as const
export type TravelDirection = (typeof travelDirections)[number]
