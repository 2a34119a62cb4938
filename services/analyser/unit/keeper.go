package analyser

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	lru "github.com/hashicorp/golang-lru/v2"

	"proviso.dev/pkg/forecast"
)

// keptForecasts is how many forecasts are kept, about 20 KB each: two for each node of a large cluster, and those of its storages.
const keptForecasts = 256

// A keeper remembers forecasts by the history that they continue. A snapshot is read every few seconds and a history every few
// minutes, so that most diagnoses ask again for what the one before has asked.
type keeper struct {
	forecast.Forecaster
	// seen is told of each history that was not forecast from before; nil: nobody is.
	seen func(history forecast.Series, o forecast.Options)
	kept *lru.Cache[[sha256.Size]byte, forecast.Forecast]
}

var _ forecast.Forecaster = (*keeper)(nil)

func newKeeper(f forecast.Forecaster) (*keeper, error) {
	kept, err := lru.New[[sha256.Size]byte, forecast.Forecast](keptForecasts)
	if err != nil {
		return nil, fmt.Errorf("make cache of forecasts: %w", err)
	}
	return &keeper{Forecaster: f, kept: kept}, nil
}

// Forecast implements [forecast.Forecaster]. The forecast is shared and must not be changed. One with a prior is not kept.
func (k *keeper) Forecast(history forecast.Series, o forecast.Options) (forecast.Forecast, error) {
	if o.Prior != nil {
		return k.Forecaster.Forecast(history, o)
	}
	key := keyOfForecast(history, o)
	if f, ok := k.kept.Get(key); ok {
		return f, nil
	}
	f, err := k.Forecaster.Forecast(history, o)
	if err == nil {
		k.kept.Add(key, f)
		if k.seen != nil {
			k.seen(history, o)
		}
	}
	return f, err
}

func keyOfForecast(history forecast.Series, o forecast.Options) [sha256.Size]byte {
	data := make([]byte, 0, 8*len(history.Values)+len(history.Known)+8*(7+len(o.Quantiles)))
	number := func(n uint64) { data = binary.LittleEndian.AppendUint64(data, n) }
	number(uint64(history.Start.UnixNano()))
	number(uint64(history.Step))
	number(uint64(o.Horizon))
	number(uint64(o.Season))
	number(math.Float64bits(o.Minimum))
	number(math.Float64bits(o.Maximum))
	number(uint64(len(o.Quantiles)))
	for _, q := range o.Quantiles {
		number(math.Float64bits(q))
	}
	for _, v := range history.Values {
		number(math.Float64bits(v))
	}
	for _, known := range history.Known {
		if known {
			data = append(data, 1)
		} else {
			data = append(data, 0)
		}
	}
	return sha256.Sum256(data)
}
