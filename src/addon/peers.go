package gatectladdon

import (
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	peerTTL   = 20 * time.Second // mqant's RegisterTTL: a node silent for this long is removed
	mostPeers = 10000            // limits memory, because anyone can claim any number of ids
	// mostNamed is the number of peers in an answer: those with the next ids, wrapping around. Every node, even a
	// suspended one, is thus named by this many others, and an answer does not grow with the cluster.
	mostNamed = 32
)

// node describes a node of the cluster.
type node struct {
	ID       string            `json:"id"`
	Address  string            `json:"address"`
	Version  string            `json:"version"`
	Metadata map[string]string `json:"metadata"`
}

// address matches NATS subjects without wildcards, white space and control characters.
var address = regexp.MustCompile(`^[!-)+\-/-=?-~]+(\.[!-)+\-/-=?-~]+)*$`)

// isNode reports whether a node is valid. Readers of the answers drop invalid nodes.
func (n node) isNode() bool {
	return len(n.ID) <= 255 && strings.Index(n.ID, "@") > 0 && strings.Count(n.ID, "@") == 1 &&
		isSubject(n.Address) && n.Address[0] != '$'
}

type heard struct {
	node node
	at   time.Time
}

// peers holds the nodes that have recently sent a heartbeat.
type peers struct {
	lock sync.Mutex
	byID map[string]heard
}

func newPeers() *peers { return &peers{byID: map[string]heard{}} }

// hear records a node. It returns true if the node or its address is new.
func (p *peers) hear(of node) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	before, known := p.byID[of.ID]
	if !known && len(p.byID) >= mostPeers {
		return false
	}
	p.byID[of.ID] = heard{of, time.Now()}
	return !known || before.node.Address != of.Address
}

func (p *peers) forget(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	delete(p.byID, id)
}

func (p *peers) size() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.byID)
}

// nodes returns the nodes that have not expired.
func (p *peers) nodes() []node {
	p.lock.Lock()
	defer p.lock.Unlock()
	nodes := make([]node, 0, len(p.byID))
	for id, peer := range p.byID {
		if time.Since(peer.at) > peerTTL {
			delete(p.byID, id)
		} else {
			nodes = append(nodes, peer.node)
		}
	}
	return nodes
}

// following sorts nodes by id, starting after the given id and wrapping around, and leaves out the one with that id.
func following(nodes []node, id string) []node {
	sort.Slice(nodes, func(one, other int) bool {
		if before := nodes[one].ID < id; before != (nodes[other].ID < id) {
			return !before
		}
		return nodes[one].ID < nodes[other].ID
	})
	if len(nodes) > mostNamed {
		nodes = nodes[:mostNamed]
	}
	return nodes
}
