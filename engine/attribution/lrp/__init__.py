"""Layer-wise relevance propagation: the backward walk with relevance in place of gradients.

Bach et al. 2015; the rules as in Montavon et al., *Layer-wise relevance propagation: an overview*
(2019). What arrives at a node's output is shared out among its inputs; a tensor's relevance is the
sum of what its readers send. Rules attach to operators, so residual sums, concatenations and
attention are nodes like others:

* linear steps with constant weights take the rule that the composite gives them;
* sums of computed tensors, averages and linear interpolation share by contribution;
* activation functions pass relevance on; maxima give it to the winner; what moves values moves it;
* Softmax, normalisations' deviations and gates count as constants; a product of two computed
  tensors of which neither (or both) is a gate splits evenly.
"""
