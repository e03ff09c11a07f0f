"""The negative log-likelihood of answers."""

from torch import Tensor

from xleval.training.losses.log_probs import AnswerLogProbs


def answer_nll(answers: AnswerLogProbs) -> Tensor:
    """Return the mean negative log-probability of an answer's token, in nats; a number.

    L_SFT = -(sum over answers of log p(y | x)) / (sum over answers of |y|): every token weighs the same, so that a long
    answer weighs more than a short one, as in the SFT of transformers and TRL. It is taken over the answers that it is
    given: under gradient accumulation the mean of such means is the mean over all tokens only where their numbers are
    equal. The CLO paper does not state its normalisation.
    """
    return -answers.sums.sum() / answers.n_tokens.sum().clamp(min=1)
