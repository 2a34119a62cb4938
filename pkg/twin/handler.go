package twin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"proviso.dev/pkg/twin/apifacts"
)

// A handler answers one method of the API. It runs with Cluster.mu held. The answer is encoded after the lock is given
// up, so it must not share memory with the state.
type handler func(*Cluster, *request) (any, error)

// Handler returns the API as Proxmox VE serves it, below /api2/json.
func (c *Cluster) Handler() http.Handler { return http.HandlerFunc(c.serve) }

const prefix = "/api2/json"

func (c *Cluster) serve(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !ok {
		refuse(w, &refusal{code: http.StatusNotFound, phrase: "No such file '" + r.URL.Path + "'"}, errorFull)
		return
	}
	endpoint, variables, routeErr := c.api.Route(r.Method, path)
	entry := Request{Method: r.Method, Path: path, Template: path}
	if routeErr == nil {
		entry.Template = endpoint.Path
	}
	fault := c.faults.take(r.Method, path, variables["node"])
	if fault.wait(r.Context()) != nil {
		return // the client gave up first
	}
	if fault.reset {
		reset(w)
		c.recorder.add(entry)
		return
	}
	var data any
	var err error
	if fault.no != nil {
		err = fault.no
	} else {
		data, err = c.call(r, endpoint, variables, path)
	}
	if fault.null && err == nil {
		data = nil
	}
	if fault.cut && err == nil {
		cut(w, data)
		c.recorder.add(entry)
		return
	}
	if err != nil {
		no, ok := errors.AsType[*refusal](err)
		if !ok {
			no = &refusal{code: http.StatusInternalServerError, phrase: err.Error()}
		}
		if no.code == http.StatusUnauthorized && c.options.LoginDelay > 0 {
			select {
			case <-time.After(c.options.LoginDelay):
			case <-r.Context().Done():
			}
		}
		entry.Status = no.code
		c.recorder.add(entry) // before the answer leaves: who has the answer may ask for the record
		refuse(w, no, c.faults.errorStyle())
		return
	}
	entry.Status = http.StatusOK
	c.recorder.add(entry)
	write(w, data)
}

// call runs one request in the order of Proxmox VE: caller, method, privileges, node, parameters, deed.
func (c *Cluster) call(r *http.Request, endpoint *apifacts.Endpoint, variables map[string]string, path string) (any, error) {
	values, up, err := readParams(r)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ended := c.tasks.settle(c.now()); ended || r.Method != http.MethodGet {
		c.list = guestList{}
	}

	who, err := c.authenticate(r, endpoint)
	if err != nil {
		return nil, err
	}
	if endpoint == nil {
		return nil, notImplemented(r.Method, path)
	}
	run, ok := c.handlers[endpoint]
	if !ok {
		return nil, notImplemented(r.Method, path)
	}
	for name, value := range variables {
		values.Set(name, value)
	}
	joinRepeated(endpoint, values)
	if err := c.authorise(who, endpoint, values); err != nil {
		return nil, err
	}
	if name := variables["node"]; name != "" {
		if err := c.reach(name, endpoint); err != nil {
			return nil, err
		}
	}
	if faults := endpoint.Check(values); faults != nil {
		return nil, rejectAll(faults)
	}
	return run(c, &request{endpoint: endpoint, values: values, who: who, upload: up})
}

// reach is the proxy to the node that a path names.
func (c *Cluster) reach(name string, endpoint *apifacts.Endpoint) error {
	n, ok := c.nodes[name]
	if !ok {
		if name == "localhost" {
			return nil
		}
		return &refusal{code: http.StatusInternalServerError, phrase: "hostname lookup '" + name + "' failed - failed to get address info for: " + name + ": Name or service not known"}
	}
	if n.offline && endpoint.ProxiedToNode() {
		return &refusal{code: 595, phrase: "No route to host"}
	}
	return nil
}

// joinRepeated makes one value of a parameter that a form repeats, separated by zero bytes, unless it is an array.
func joinRepeated(endpoint *apifacts.Endpoint, values url.Values) {
	for key, all := range values {
		if len(all) < 2 {
			continue
		}
		if p, ok := endpoint.Param(key); !ok || p.Type != "array" {
			values.Set(key, strings.Join(all, "\x00"))
		}
	}
}
