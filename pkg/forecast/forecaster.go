package forecast

// Forecaster forecasts one series. Implementations are safe for concurrent use and keep nothing between calls.
//
// The quantiles of every point ascend, are finite and lie within the options' bounds. Errors: [ErrNoHistory], [ErrNotFinite],
// [ErrStep], [ErrTooLong], [ErrOptions].
type Forecaster interface {
	// Name is short and stable; reports and answers show it.
	Name() string
	Forecast(history Series, o Options) (Forecast, error)
}

// Func makes a function a forecaster: a model behind a socket, a table in a test.
type Func struct {
	Method string // what Name answers
	Run    func(history Series, o Options) (Forecast, error)
}

// Name implements [Forecaster].
func (f Func) Name() string { return f.Method }

// Forecast implements [Forecaster]. What the function returned is put in order: clamped, quantiles made to ascend.
func (f Func) Forecast(history Series, o Options) (Forecast, error) {
	o, err := o.withDefaults(history.Step)
	if err != nil {
		return Forecast{}, err
	}
	if err := history.check(); err != nil {
		return Forecast{}, err
	}
	out, err := f.Run(history, o)
	if err != nil {
		return Forecast{}, err
	}
	if out.Method == "" {
		out.Method = f.Method
	}
	return out, out.tidy(o)
}
