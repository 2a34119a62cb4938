package knowledge

// evidenceWeights are what each signal is worth. TestCalibration writes them: go test ./knowledge -run Calibration -calibrate -v
var evidenceWeights = weights{
	bias: -2.87,
	of: [signals]float64{
		signalCoverage:    1.82,
		signalKnown:       0.73,
		signalForeign:     -1.11,
		signalForeignLike: -3.32,
		signalForeignMore: 0.13,
		signalGuest:       -1.41,
		signalMatter:      -2.81,
		signalName:        -2.47,
		signalStrange:     -1.08,
		signalUnheld:      -3.18,
		signalUnheldWords: 2.22,
		signalMeaning:     -1.51,
		signalMeanings:    0.65,
		signalWords:       0.43,
		signalLead:        1.44,
		signalMatch:       0.21,
		signalWorld:       -3.10,
		signalWorldWords:  1.06,
		signalTrade:       -2.12,
		signalTradeWords:  0.45,
		signalTraits:      0.66,
	},
}
