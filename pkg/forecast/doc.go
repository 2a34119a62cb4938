// Package forecast says what a series of measurements will do next, between which bounds, and why it thinks so.
//
// It owns the series and its resampling, the forecaster of the product ([New]), the yardstick ([SeasonalNaive]), the interface that
// lets another forecaster take their place, the reading of files of measurements, and the question when a limit is reached
// ([Forecast.Reaches]). It does not fetch measurements, know units or guests, or decide anything by a forecast. It is pure: equal
// inputs give equal forecasts, and there is no clock, no network and no state between calls.
//
// How the forecaster works stands at [Mixture]; package backtest measures it, package words puts its explanation into sentences.
package forecast
