// This stall. Everything else in the app is the same for every stall.
export const settings = {
  stall: "Green Corner",
  place: "Saturday market, row 4",
  currency: "USD",
  locale: "en-US",
  taxPercent: 8,
};
