package twin

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// mappingRoutes are the resource mappings of one kind: pci, usb or dir.
func mappingRoutes(kind string) map[string]handler {
	base := "/cluster/mapping/" + kind
	return map[string]handler{
		"GET " + base:              listMappings(kind),
		"POST " + base:             writeMapping(kind, true),
		"GET " + base + "/{id}":    readMapping(kind),
		"PUT " + base + "/{id}":    writeMapping(kind, false),
		"DELETE " + base + "/{id}": deleteMapping(kind),
	}
}

func (c *Cluster) plantMappings(seed Seed) {
	for _, m := range seed.Mappings {
		v := url.Values{}
		if m.Description != "" {
			v.Set("description", m.Description)
		}
		if m.Mediated {
			v.Set("mdev", "1")
		}
		if m.LiveMigration {
			v.Set("live-migration-capable", "1")
		}
		for _, d := range m.Devices {
			v.Add("map", mappingLine(d))
		}
		c.mappings[string(m.Kind)+"/"+m.Name] = v
	}
}

func mappingLine(d pve.MappingDevice) string {
	var line pve.Property
	line.Set("node", d.Node)
	if d.Path != "" {
		line.Set("path", d.Path)
	}
	line.Set("id", d.ID)
	if d.SubsystemID != "" {
		line.Set("subsystem-id", d.SubsystemID)
	}
	if d.IOMMUGroup != nil {
		line.Set("iommugroup", strconv.Itoa(*d.IOMMUGroup))
	}
	return line.String()
}

func mappingRow(id string, v url.Values) object {
	row := object{"id": id, "map": append([]string{}, v["map"]...)}
	for key := range v {
		switch key {
		case "map":
		case "mdev", "live-migration-capable":
			row[key] = intOr(v.Get(key))
		default:
			row[key] = v.Get(key)
		}
	}
	return row
}

func listMappings(kind string) handler {
	return func(c *Cluster, r *request) (any, error) {
		rows := []object{}
		for _, key := range slices.Sorted(maps.Keys(c.mappings)) {
			id, ok := strings.CutPrefix(key, kind+"/")
			if ok && r.who.hasAny("/mapping/"+key, "Mapping.Audit", "Mapping.Use", "Mapping.Modify") {
				rows = append(rows, mappingRow(id, c.mappings[key]))
			}
		}
		return rows, nil
	}
}

func readMapping(kind string) handler {
	return func(c *Cluster, r *request) (any, error) {
		v, ok := c.mappings[kind+"/"+r.text("id")]
		if !ok {
			return nil, die("mapping '%s' not found", r.text("id"))
		}
		row := mappingRow(r.text("id"), v)
		row["digest"] = digestOf(map[string]string{"map": strings.Join(v["map"], ";"), "description": v.Get("description")})
		return row, nil
	}
}

func writeMapping(kind string, create bool) handler {
	return func(c *Cluster, r *request) (any, error) {
		key := kind + "/" + r.text("id")
		old, there := c.mappings[key]
		switch {
		case create && there:
			return nil, die("mapping '%s' already exists", r.text("id"))
		case !create && !there:
			return nil, die("mapping '%s' not found", r.text("id"))
		}
		v := url.Values{}
		maps.Copy(v, old)
		merge(v, r.values)
		v.Del("id")
		c.mappings[key] = v
		return nil, nil
	}
}

func deleteMapping(kind string) handler {
	return func(c *Cluster, r *request) (any, error) {
		delete(c.mappings, kind+"/"+r.text("id"))
		return nil, nil
	}
}
