package collector

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/mention"
	"proviso.dev/services/collector/internal/platform"
	"proviso.dev/services/collector/internal/understand"
	"proviso.dev/services/collector/internal/wording"
)

// A Cluster is a cluster beside the first, which the fields of [Config] describe.
type Cluster struct {
	// Name by which requests address it; unlike those of the others.
	Name string
	// Endpoint, Token, Insecure and CAPEM are as in Config.
	Endpoint string
	Token    string
	Insecure bool
	CAPEM    []byte
	// Snapshots is what reads it; nil: a reader of Endpoint.
	Snapshots Snapshots
}

// clustersMost bounds the clusters of one collector: each keeps a snapshot of its own.
const clustersMost = 16

// loadClusters reads the file PROVISO_PVE_CLUSTERS_FILE: a JSON list of clusters beside the first. Paths in it are relative to
// the file. Errors never repeat a token.
func loadClusters(path string) ([]Cluster, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Name      string `json:"name"`
		Endpoint  string `json:"endpoint"`
		TokenFile string `json:"token_file"`
		CAFile    string `json:"ca_file"`
		Insecure  bool   `json:"insecure"`
	}
	in := json.NewDecoder(strings.NewReader(string(data)))
	in.DisallowUnknownFields()
	if err := in.Decode(&rows); err != nil {
		return nil, fmt.Errorf("read list of clusters: %w", err)
	}
	var list []Cluster
	for i, r := range rows {
		at := func(name string) string {
			if filepath.IsAbs(name) {
				return name
			}
			return filepath.Join(filepath.Dir(path), name)
		}
		c := Cluster{Name: r.Name, Endpoint: r.Endpoint, Insecure: r.Insecure}
		token, err := os.ReadFile(at(r.TokenFile))
		if err != nil {
			return nil, fmt.Errorf("token of cluster %d: %w", i+1, err)
		}
		c.Token = strings.TrimSpace(string(token))
		if r.CAFile != "" {
			if c.CAPEM, err = os.ReadFile(at(r.CAFile)); err != nil {
				return nil, fmt.Errorf("authorities of cluster %d: %w", i+1, err)
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// checkClusters wants every cluster to have a name of its own as soon as there are several.
func checkClusters(first string, list []Cluster) error {
	if len(list) == 0 {
		return nil
	}
	if first == "" {
		return errors.New("the first cluster needs a name too: set PROVISO_PVE_CLUSTER")
	}
	if len(list) >= clustersMost {
		return fmt.Errorf("there are more than %d clusters", clustersMost)
	}
	seen := []string{strings.ToLower(first)}
	for i, c := range list {
		name := strings.ToLower(c.Name)
		switch {
		case name == "":
			return fmt.Errorf("cluster %d of the list has no name", i+1)
		case len(name) > 64:
			return fmt.Errorf("the name of cluster %d of the list has more than 64 characters", i+1)
		case slices.Contains(seen, name):
			return fmt.Errorf("two clusters are called %q", c.Name)
		}
		seen = append(seen, name)
	}
	return nil
}

// each returns the configuration as it is for every further cluster.
func (c Config) each() []Config {
	var out []Config
	for _, further := range c.Clusters {
		one := c
		one.Cluster, one.Endpoint, one.Token = further.Name, further.Endpoint, further.Token
		one.Insecure, one.CAPEM, one.Snapshots = further.Insecure, further.CAPEM, further.Snapshots
		out = append(out, one)
	}
	return out
}

// adapters makes the reader of every further cluster.
func (c Config) adapters() ([]platform.Adapter, error) {
	var out []platform.Adapter
	for _, one := range c.each() {
		source := one.Snapshots
		if source == nil {
			follower, err := one.follow()
			if err != nil {
				return nil, fmt.Errorf("reader of cluster %s: %w", one.Cluster, err)
			}
			source = follower
		}
		out = append(out, adapter{source})
	}
	return out, nil
}

// A cluster is one that the collector reads, with what belongs to it.
type cluster struct {
	name string
	row  platform.Row // with the adapter of this cluster
	*cache
	// reasoner keeps an index of the cluster's snapshot, so each has its own.
	reasoner *understand.Reasoner
	past     past
}

// newClusters returns the first cluster of the platform and those beside it.
func (u *Unit) newClusters(now func() time.Time) []*cluster {
	row, ok := u.platforms.Find(platform.Proxmox)
	if !ok {
		return nil
	}
	list := []*cluster{{name: u.cfg.Cluster, row: row}}
	for i, a := range u.further {
		list = append(list, &cluster{name: u.cfg.Clusters[i].Name, row: platform.Row{Name: row.Name, Title: row.Title, Adapter: a}})
	}
	for _, c := range list {
		c.cache = &cache{source: c.row.Adapter, maxAge: u.cfg.MaxAge, now: now}
		c.reasoner = understand.NewUnder(u.platforms, u.cfg.Policy)
	}
	return list
}

// cluster finds the cluster that an intent's target names; no name: the first. It is nil when none is called so.
func (w *worker) cluster(target *provisov1.Target) *cluster {
	for i, c := range w.clusters {
		if c.row.Name == target.GetPlatform() && (target.GetCluster() == "" && i == 0 || strings.EqualFold(c.name, target.GetCluster())) {
			return c
		}
	}
	// A collector of one cluster without a name serves whatever name its publishers use for it.
	if len(w.clusters) == 1 && w.clusters[0].name == "" && w.clusters[0].row.Name == target.GetPlatform() {
		return w.clusters[0]
	}
	return nil
}

// A choice is the cluster that a request is about, and the words that say so.
type choice struct {
	*cluster
	words      string // as written; empty: nobody said it
	start, end int    // in the request; both 0: the words came with an answer
	origin     understand.Origin
}

// choose finds the cluster that a request is about and takes the words that say so out of it. The target of a typed intent
// counts first, then the last answer that names one, then the request. It is nil when a typed intent names a cluster that is not read.
func (w *worker) choose(req *understand.Request) *choice {
	out := &choice{origin: understand.Assumed}
	if len(w.clusters) > 0 {
		out.cluster = w.clusters[0]
	}
	if req.Intent != nil {
		if target := req.Intent.GetTarget(); target.GetCluster() != "" && target.GetPlatform() == platform.Proxmox {
			if out.cluster = w.cluster(target); out.cluster == nil {
				return nil
			}
			out.words, out.origin = target.GetCluster(), understand.Stated
		}
		return out
	}
	if len(w.clusters) < 2 {
		return out
	}
	var names []string
	for _, c := range w.clusters {
		names = append(names, c.name)
	}
	take := func(text *string, origin understand.Origin) {
		found := mention.Cluster(*text, names)
		if found.V == "" {
			return
		}
		out.cluster, out.words, out.origin = w.clusters[slices.Index(names, found.V)], (*text)[found.At.Start:found.At.End], origin
		if out.start, out.end = 0, 0; origin == understand.Stated {
			out.start, out.end = found.At.Start, found.At.End
		}
		*text = mention.Blank(*text, found.At)
	}
	take(&req.Text, understand.Stated)
	for i := range req.Turns {
		take(&req.Turns[i].Text, understand.Corrected)
	}
	return out
}

// unknownCluster refuses a typed intent whose target names a cluster that is not read.
func (w *worker) unknownCluster(req understand.Request) *provisov1.Understanding {
	lang := understand.Language(req)
	return &provisov1.Understanding{Language: lang, Kind: "provision", Refusal: &provisov1.Refusal{Code: "cluster_unknown",
		Message: i18n.T(lang, "collector.refusal.cluster_unknown", "name", wording.Quote(req.Intent.GetTarget().GetCluster()), "known", strings.Join(w.names(nil), ", "))}}
}

// tell adds the cluster to what was understood, where there are several to choose from.
func (w *worker) tell(c *choice, out *provisov1.Understanding) {
	in := out.GetIntent()
	if in == nil || len(w.clusters) < 2 {
		return
	}
	lang := out.GetLanguage()
	in.Target.Cluster = &c.name
	fact := &provisov1.Fact{Path: "target.cluster", Origin: string(c.origin)}
	row := &provisov1.InterpretationRow{Path: fact.GetPath(), Label: i18n.T(lang, "collector.label.cluster"), Value: c.name, Origin: fact.GetOrigin()}
	if c.words != "" {
		words := cut(c.words, 500)
		fact.Text = &words
		row.Reason = i18n.T(lang, "collector.quoted", "text", wording.Quote(words))
		if c.end > c.start {
			start, end := int32(c.start), int32(c.end)
			fact.Start, fact.End = &start, &end
		}
	} else {
		reason := i18n.T(lang, "collector.reason.cluster", "others", strings.Join(w.names(c.cluster), ", "))
		fact.Reason, row.Reason = &reason, reason
	}
	in.Facts = append(in.Facts, fact)
	out.Interpretation = append(out.Interpretation, row)
}

// names are those of all clusters but one.
func (w *worker) names(but *cluster) []string {
	var out []string
	for _, c := range w.clusters {
		if c != but && c.name != "" {
			out = append(out, c.name)
		}
	}
	return out
}
