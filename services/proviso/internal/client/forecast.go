package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A ForecastQuestion asks how a figure goes on. One of Node, VMID and Storage says of what.
type ForecastQuestion struct {
	Node    string
	VMID    int
	Storage string
	// Metric by the contract's name; empty: the CPU, of a storage its space.
	Metric string
	// Horizon is how far ahead, by minutes; 0: a day.
	Horizon time.Duration
	// Cluster by its configured name; empty: the default one.
	Cluster string
}

// Forecast asks how a figure goes on, and returns the answer as sent besides.
func (c *Client) Forecast(ctx context.Context, q ForecastQuestion) (*provisov1.Forecast, json.RawMessage, error) {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("node", q.Node)
	set("storage", q.Storage)
	set("metric", q.Metric)
	set("cluster", q.Cluster)
	if q.VMID != 0 {
		set("vm_id", strconv.Itoa(q.VMID))
	}
	if q.Horizon > 0 {
		set("horizon", q.Horizon.String())
	}
	data, _, err := c.retry(ctx, http.MethodGet, "/v1/forecast?"+query.Encode(), nil, nil)
	if err != nil {
		return nil, nil, err
	}
	f, err := wire.Decode[*provisov1.Forecast](data, wire.OwnServices)
	if err != nil {
		return nil, nil, fmt.Errorf("read forecast: %w", err)
	}
	return f, data, nil
}
