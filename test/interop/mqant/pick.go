package main

import (
	"errors"
	"math/rand"
	"strconv"

	"github.com/liangdas/mqant/gate"
	"github.com/liangdas/mqant/registry"
	"github.com/liangdas/mqant/selector"
)

const draws = 200

// pick draws nodes of the type Gate with mqant's selector and answers how often each came: with the strategy of mqant's
// documentation on metadata ("weight"), its FilterLabel ("alive"), or its default, which reads no metadata ("random").
func (m *HelloWorld) pick(session gate.Session, msg body) (body, error) {
	var options []selector.SelectOption
	switch text(msg, "by") {
	case "weight":
		options = append(options, selector.WithStrategy(byWeight))
	case "alive":
		options = append(options, selector.WithFilter(selector.FilterLabel("state", "alive")))
	}
	counts := body{}
	for at := 0; at < draws; at++ {
		next, err := m.GetApp().Options().Selector.Select("Gate", options...)
		if err != nil {
			return nil, err
		}
		node, err := next()
		if err != nil {
			return nil, err
		}
		count, _ := counts[node.Id].(int)
		counts[node.Id] = count + 1
	}
	return counts, nil
}

// byWeight is the strategy of mqant's documentation: it skips nodes whose state is forbidden and prefers heavy ones.
func byWeight(services []*registry.Service) selector.Next {
	var nodes []*registry.Node
	for _, service := range services {
		for _, node := range service.Nodes {
			if node.Metadata["state"] == "forbidden" {
				continue
			}
			weight, err := strconv.Atoi(node.Metadata["weight"])
			if err != nil {
				weight = 100
			}
			for ; weight > 0; weight-- {
				nodes = append(nodes, node)
			}
		}
	}
	return func() (*registry.Node, error) {
		if len(nodes) == 0 {
			return nil, errors.New("no node of this type")
		}
		return nodes[rand.Intn(len(nodes))], nil
	}
}
